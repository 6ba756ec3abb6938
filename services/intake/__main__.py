"""`python -m services.intake all|app|worker|migrate`."""

from shared.process import main

main("intake")
