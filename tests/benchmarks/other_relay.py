"""The PyPI package faststream-outbox relaying the same rows, in an environment made for it."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg

from tests.benchmarks.outbox_rows import OutboxRows

VERSION = "0.19.0"
SCRIPT = Path(__file__).with_name("other_relay_script.py")
UV = Path(__file__).parents[2] / ".uv" / "bin" / "uv"
# One row of ours is one row of theirs: the same body, and the headers that it keeps itself.
_COPY = """
INSERT INTO theirs (queue, payload, headers)
SELECT 'events', body, jsonb_build_object('ce_id', event_id, 'ce_type', type, 'key', key)
FROM outbox ORDER BY position
"""


async def relay_by_faststream_outbox(rows: OutboxRows, url: str, topic: str) -> float:
    """Events a second, from its first fetch to an empty table."""
    await _script("make", url)
    connection = await asyncpg.connect(url)
    await connection.execute(_COPY)
    await connection.execute("VACUUM ANALYZE theirs")
    await connection.close()
    answered = await _script("relay", url, rows.bootstrap, topic)
    return rows.events / float(answered)


async def _script(*arguments: str) -> str:
    made = ("--with", f"faststream-outbox[asyncpg]=={VERSION}", "--with", "faststream[kafka]")
    uv = str(UV) if UV.exists() else "uv"
    command = [uv, "run", "--quiet", "--no-project", "--python", sys.executable, *made]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    process = await asyncio.create_subprocess_exec(
        *command, "python", str(SCRIPT), *arguments, stdout=asyncio.subprocess.PIPE, env=environment
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return told.decode()
