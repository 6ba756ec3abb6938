"""Starts the console: `python -m services.console all|app|worker|migrate`."""

from shared.process import main

main("console")
