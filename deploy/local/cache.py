"""Where downloads and class-data archives are kept between checkouts: nothing in it is data."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`SCRUTINY_CACHE`, else the user's cache folder."""
    chosen = os.environ.get("SCRUTINY_CACHE")
    if chosen:
        return Path(chosen)
    user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user) / "strategic-scrutiny"
