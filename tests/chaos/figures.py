"""What the last full attacks came to, kept beside the tests as JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.sizes import FULL, SEED, SHARE

FOLDER = Path(__file__).parent / "figures"


def record(promise: str, **figures: Any) -> None:
    """Print what an attack came to; of a full one keep it, in place of the last."""
    told = {"seed": SEED, **figures}
    print(f"{promise}: {told}")
    if FULL:
        FOLDER.mkdir(exist_ok=True)
        kept = {"on": f"{datetime.now(UTC):%Y-%m-%d}", "share": SHARE, **told}
        (FOLDER / f"{promise}.json").write_text(json.dumps(kept, indent=2) + "\n")
