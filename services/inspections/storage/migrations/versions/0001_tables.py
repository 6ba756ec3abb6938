"""The tables of inspections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.plumbing import create_plumbing

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them all."""
    create_plumbing(op)
    _inspections()
    _link_inspectors()


def _inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("reference", sa.String, nullable=False, unique=True),
        sa.Column("theme", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("areas", ARRAY(sa.String), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("elements", JSONB, nullable=False),
        sa.Column("title", sa.String),
        sa.Column("footprint", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("cancelled_reason", sa.String),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name="inspections_run_forward"),
        sa.CheckConstraint("(scope = 'national') = (areas = '{}')", name="inspections_scope_areas"),
    )
    op.create_index("ix_inspections_areas", "inspections", ["areas"], postgresql_using="gin")
    op.create_index("ix_inspections_starts_on", "inspections", ["starts_on"])
    op.create_table(
        "reference_counters",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _link_inspectors() -> None:
    op.create_table(
        "link_inspectors",
        sa.Column("appointment", sa.String, primary_key=True),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("cover", sa.Boolean, nullable=False),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_link_inspectors_area", "link_inspectors", ["area"])
