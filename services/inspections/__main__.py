"""`python -m services.inspections`."""

from shared.process import main

main("inspections")
