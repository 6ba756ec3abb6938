"""Starts the console: `python -m services.console all|app|migrate`."""

import sys

from shared.process import main

if sys.argv[1:] == ["worker"]:
    sys.exit("The console's one background duty runs in its own process: start it with `all`.")
main("console")
