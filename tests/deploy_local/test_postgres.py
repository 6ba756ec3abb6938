"""The embedded PostgreSQL: a real server, and its own failures in plain words."""

from pathlib import Path

import asyncpg
import pytest

from deploy.local.failures import DamagedFolder, PortTaken
from deploy.local.ports import free_ports
from deploy.local.postgres import EmbeddedPostgres
from tests.servers import PostgresServer


async def test_it_accepts_the_superuser_and_refuses_a_wrong_password(
    postgres: PostgresServer,
) -> None:
    connection = await asyncpg.connect(postgres.url())
    assert await connection.fetchval("SHOW server_version") == "18.4"
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:wrong@127.0.0.1:{postgres.port}/postgres")


async def test_committed_data_survives_a_killed_server(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", free_ports(1)[0])
    server.start()
    connection = await asyncpg.connect(server.url())
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    connection.terminate()
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    connection = await asyncpg.connect(server.url())
    assert await connection.fetchval("SELECT one FROM kept") == 1
    await connection.close()
    server.stop()


def test_a_missing_version_file_is_called_damage_and_nothing_is_changed(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", free_ports(1)[0])
    server.start()
    server.stop()
    (server.data / "PG_VERSION").unlink()
    before = sorted(path.name for path in server.data.iterdir())
    with pytest.raises(DamagedFolder, match="PG_VERSION is missing"):
        server.start()
    assert sorted(path.name for path in server.data.iterdir()) == before


def test_a_taken_port_is_named_with_its_holder(postgres: PostgresServer, tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", postgres.port)
    with pytest.raises(PortTaken, match=rf"Port {postgres.port}, wanted by PostgreSQL.*postgres"):
        server.start()
