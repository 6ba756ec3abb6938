"""What the directory's routes take and answer."""

from datetime import date, datetime

from msgspec import Struct, field

from services.directory.domain.appointment import Kind, Role
from services.directory.domain.link_activity import KeyArea
from services.directory.domain.organisation import OrganisationKind
from services.directory.domain.person import Specialism


class PersonIn(Struct, forbid_unknown_fields=True):
    """Somebody who can be appointed; the mailbox is the one of their role.

    `signs_in_as` is the issuer's subject (`sub`) of their account; no two people have the same.
    """

    name: str
    mailbox: str
    specialism: Specialism | None = None
    signs_in_as: str | None = None


class AppointmentIn(Struct, forbid_unknown_fields=True):
    """The role is held from `starts_on` up to, not including, `ends_on`."""

    person: str
    role: Role
    area: str
    starts_on: date
    ends_on: date | None = None
    kind: Kind = Kind.SUBSTANTIVE


class EndIn(Struct, forbid_unknown_fields=True):
    """`ends_on` is the first day on which the role is no longer held."""

    ends_on: date


class LinkActivityIn(Struct, forbid_unknown_fields=True):
    """What was done for an area, in the inspector's words; without anybody's personal details."""

    area: str
    key_area: KeyArea
    happened_on: date
    text: str


class AreaOut(Struct):
    """A council area and the days on which its code is in use; null is unbounded."""

    gss_code: str
    name: str
    valid_from: date | None
    valid_to: date | None


class NamedOut(Struct):
    """Something known by a code and a name."""

    code: str
    name: str


class OrganisationRefOut(Struct):
    """An organisation that answers for the area, and what kind it is."""

    code: str
    name: str
    kind: OrganisationKind


class HolderOut(Struct):
    """Who holds a role, by which appointment, and that appointment's days."""

    person: str
    name: str
    mailbox: str
    appointment: str
    kind: Kind
    starts_on: date = field(name="from")
    ends_on: date | None = field(name="until")


class ManagersOut(Struct):
    """The two relationship managers of an area."""

    adult_services: HolderOut | None
    early_learning_and_childcare: HolderOut | None


class AreaOnDayOut(Struct):
    """An area on a day; `valid` says whether its code was in use then."""

    gss_code: str
    name: str
    valid_from: date | None
    valid_to: date | None
    on: date
    valid: bool
    health_board: NamedOut | None
    partnership: NamedOut | None
    organisations: list[OrganisationRefOut]
    link_inspector: HolderOut | None
    relationship_managers: ManagersOut


class CoverOut(Struct):
    """An area that an organisation covers, and since and until when."""

    area: str
    starts_on: date | None = field(name="from")
    ends_on: date | None = field(name="until")


class OrganisationOut(Struct):
    """An organisation with everything it covers or covered."""

    code: str
    name: str
    kind: OrganisationKind
    covers: list[CoverOut]


class AppointmentOut(Struct):
    """One appointment; the ETag of a change is its version."""

    id: str
    person: str
    role: Role
    area: str
    kind: Kind
    starts_on: date
    ends_on: date | None
    version: int


class PersonOut(Struct):
    """One person; the ETag of a change is their version."""

    id: str
    name: str
    mailbox: str
    specialism: Specialism | None
    signs_in_as: str | None
    version: int


class PersonWithAppointmentsOut(PersonOut):
    """One person and every appointment they ever had."""

    appointments: list[AppointmentOut]


class LinkActivityOut(Struct):
    """One entry about an area."""

    id: str
    area: str
    key_area: KeyArea
    happened_on: date
    text: str
    recorded_by: str
    recorded_at: datetime


class KeyAreaOut(Struct):
    """A key area of link activity and what it means."""

    code: KeyArea
    meaning: str


class GapOut(Struct):
    """Days on which nobody holds a role for an area."""

    area: str
    role: Role
    starts_on: date = field(name="from")
    ends_on: date = field(name="until")


class OverlapOut(Struct):
    """Days with several appointments of one kind; `held_by` is the one that counts."""

    area: str
    role: Role
    starts_on: date = field(name="from")
    ends_on: date = field(name="until")
    appointments: list[str]
    held_by: str


class PostOut(Struct):
    """One role for one area."""

    area: str
    role: Role


class LoadOut(Struct):
    """What a person holds in the period; `most` is how many posts at once, at the most."""

    person: str
    name: str
    signs_in_as: str | None
    most: int
    posts: list[PostOut]


class CoverageOut(Struct):
    """Gaps, overlaps and loads on the days from `from` up to, not including, `until`."""

    starts_on: date = field(name="from")
    ends_on: date = field(name="until")
    gaps: list[GapOut]
    overlaps: list[OverlapOut]
    loads: list[LoadOut]
