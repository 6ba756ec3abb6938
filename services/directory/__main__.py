"""`python -m services.directory`."""

from services.directory.sample import load_sample_into
from shared.process import main

main("directory", {"sample": load_sample_into})
