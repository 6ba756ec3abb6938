"""The script that makes the databases is run on a real server."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.local.postgres import binaries
from tests.deploy.compose import ROOT
from tests.servers import PostgresServer

SCRIPT = ROOT / "deploy/postgres/make_databases.sh"


def run_script(server: PostgresServer, secrets: Path) -> subprocess.CompletedProcess[str]:
    """Run it as the image's entrypoint would, on this server."""
    parts = urlsplit(server.url())
    environment = {
        "PATH": f"{binaries()}:{os.environ['PATH']}",
        "SECRETS": str(secrets),
        "PGHOST": str(parts.hostname),
        "PGPORT": str(parts.port),
        "PGPASSWORD": str(parts.password),
    }
    return subprocess.run(
        ["bash", SCRIPT], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def secret(folder: Path, name: str, server: PostgresServer) -> str:
    """A secret as our command writes it, for a role and a database of that name."""
    port = urlsplit(server.url()).port
    url = f"postgresql://{name}:0123456789abcdef@127.0.0.1:{port}/{name}"
    (folder / f"{name}_database_url").write_text(url)
    return url


@pytest.fixture
def pair(postgres: PostgresServer, tmp_path: Path) -> tuple[str, str]:
    """The URLs of two services whose databases the script has made."""
    urls = (secret(tmp_path, "probe_one", postgres), secret(tmp_path, "probe_two", postgres))
    run = run_script(postgres, tmp_path)
    assert run.returncode == 0, run.stderr
    assert "0123456789abcdef" not in run.stdout + run.stderr
    return urls


async def test_each_service_owns_its_database_and_reaches_no_other(pair: tuple[str, str]) -> None:
    one, two = pair
    connection = await asyncpg.connect(one)
    await connection.execute("CREATE TABLE mine (id int)")
    rights = await connection.fetchrow(
        "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    await connection.close()
    assert rights is not None
    assert not any(rights.values())
    other = two.rpartition("/")[2]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(f"{one.rpartition('/')[0]}/{other}")


def test_a_url_that_could_be_mistaken_is_refused(postgres: PostgresServer, tmp_path: Path) -> None:
    (tmp_path / "bad_database_url").write_text("postgresql://a:b'; DROP ROLE x--@h:1/d")
    run = run_script(postgres, tmp_path)
    assert run.returncode == 1
    assert "expected shape" in run.stderr
