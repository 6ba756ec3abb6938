"""`python -m services.deadlines`."""

from shared.process import main

main("deadlines")
