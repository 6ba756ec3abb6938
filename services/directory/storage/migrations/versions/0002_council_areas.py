"""The first edition of the council areas, their partnerships and health boards.

The edition gives no first days, so none are claimed: `valid_from` and the covers are unbounded.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from services.directory.storage.reference import council_areas

revision = "0002"
down_revision = "0001"

_AREAS = sa.table("areas", sa.column("gss_code"), sa.column("name"))
_ORGANISATIONS = sa.table("organisations", sa.column("code"), sa.column("name"), sa.column("kind"))
_COVERS = sa.table("organisation_covers", sa.column("organisation"), sa.column("area"))


def upgrade() -> None:
    """Load the edition."""
    edition = council_areas()
    op.bulk_insert(_AREAS, [{"gss_code": each.gss_code, "name": each.name} for each in edition])
    partnerships = [(each.partnership_code, each.partnership, each.gss_code) for each in edition]
    boards = [(each.health_board_code, each.health_board, each.gss_code) for each in edition]
    _load("health-and-social-care-partnership", partnerships)
    _load("health-board", boards)


def _load(kind: str, lines: Iterable[tuple[str, str, str]]) -> None:
    names = {code: name for code, name, _ in lines}
    op.bulk_insert(
        _ORGANISATIONS, [{"code": code, "name": names[code], "kind": kind} for code in names]
    )
    op.bulk_insert(_COVERS, [{"organisation": code, "area": area} for code, _, area in lines])
