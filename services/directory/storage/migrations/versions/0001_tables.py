"""The directory's tables."""

import sqlalchemy as sa
from alembic import op

from shared.plumbing import create_plumbing

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them all."""
    create_plumbing(op)
    _areas_and_organisations()
    _people_and_appointments()
    _link_activities()


def _areas_and_organisations() -> None:
    op.create_table(
        "areas",
        sa.Column("gss_code", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
    )
    op.create_table(
        "organisations",
        sa.Column("code", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
    )
    op.create_table(
        "organisation_covers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("organisation", sa.String, sa.ForeignKey("organisations.code"), nullable=False),
        sa.Column("area", sa.String, sa.ForeignKey("areas.gss_code"), nullable=False),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.CheckConstraint("ends_on > starts_on", name="organisation_covers_run_forward"),
    )
    op.create_index("ix_organisation_covers_organisation", "organisation_covers", ["organisation"])
    op.create_index("ix_organisation_covers_area", "organisation_covers", ["area"])


def _people_and_appointments() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("mailbox", sa.LargeBinary, nullable=False),
        sa.Column("specialism", sa.String),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("person", sa.String, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("area", sa.String, sa.ForeignKey("areas.gss_code"), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name="appointments_run_forward"),
    )
    op.create_index("ix_appointments_area_role", "appointments", ["area", "role"])
    op.create_index("ix_appointments_person", "appointments", ["person"])


def _link_activities() -> None:
    op.create_table(
        "link_activities",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("area", sa.String, sa.ForeignKey("areas.gss_code"), nullable=False),
        sa.Column("key_area", sa.String, nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_link_activities_area_id", "link_activities", ["area", "id"])
