"""Sample data: invented people, appointed to every area, and what they left behind.

It goes through the same use cases as anybody's request, so its events are published. It is
loaded in one transaction, and only into a directory in which nobody is entered yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import cycle

import structlog

from services.directory.domain.appointment import Appointment, Kind, Role, Wanted
from services.directory.domain.area import Area
from services.directory.domain.organisation import Cover, OrganisationKind
from services.directory.domain.person import KnownAs, Person, Specialism
from services.directory.settings import Settings
from services.directory.storage.areas import load_areas
from services.directory.storage.people import knows_anybody
from services.directory.storage.tables import PLUMBING
from services.directory.use_cases.add_organisation import add_organisation
from services.directory.use_cases.add_person import add_person
from services.directory.use_cases.end_appointment import end_appointment
from services.directory.use_cases.make_appointment import make_appointment
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.database import Database
from shared.transaction import Transaction, Transactions

ACTOR = "sample-data"
SINCE = date(2020, 1, 1)
FIFE = "S12000047"
# In Fife the link inspector changed once, and was away once.
FIFE_CHANGED = date(2024, 4, 1)
FIFE_AWAY = (date(2026, 2, 16), date(2026, 3, 2))

INSPECTORS = (
    "Ailsa Rowan",
    "Struan Birch",
    "Morag Alder",
    "Fergus Hazel",
    "Eilidh Aspen",
    "Calum Juniper",
    "Iona Willow",
    "Hamish Thorn",
    "Kirsty Elder",
    "Lachlan Pine",
    "Mairi Bramble",
    "Rory Sorrel",
)
ADULT_MANAGERS = ("Catriona Fern", "Gregor Heather", "Shona Thistle", "Ewan Bracken")
ELC_MANAGERS = ("Beathan Clover", "Una Harebell", "Finlay Sedge")
# They are appointed to nothing; what they do is shown under their names.
OFFICE = ("Angus Larch", "Elspeth Yarrow", "Niall Gorse")
# Those whom the embedded stack's issuer lets sign in, by the subjects of its accounts.
ACCOUNTS = {
    "Ailsa Rowan": "link-inspector-fife",
    "Iona Willow": "link-inspector-glasgow",
    "Angus Larch": "support-officer",
    "Elspeth Yarrow": "chief-inspector",
    "Niall Gorse": "operator",
}
# Committees that several councils run together; every other council has its own.
SHARED = (("S12000005", "S12000030"), ("S12000010", "S12000019"))
COMMITTEES = (
    ("CPC", OrganisationKind.CHILD_PROTECTION, "Child Protection Committee"),
    ("APC", OrganisationKind.ADULT_PROTECTION, "Adult Protection Committee"),
    ("CJP", OrganisationKind.COMMUNITY_JUSTICE, "Community Justice Partnership"),
)


@dataclass(frozen=True, slots=True)
class Loading:
    """One load: everything in it happens in one transaction and at one time."""

    tx: Transaction
    cipher: FieldCipher
    now: datetime


async def load_sample_into(settings: Settings) -> None:
    """`python -m services.directory sample`."""
    if settings.field_keys is None:
        raise ValueError("SCRUTINY_FIELD_KEYS is not set: nobody's name is stored in clear")
    cipher = FieldCipher(settings.field_keys)
    await load_sample(settings.database_url.get_secret_value(), cipher)


async def load_sample(database_url: str, cipher: FieldCipher) -> bool:
    """Whether anything was loaded; into a directory that has people, nothing is."""
    database = Database(database_url, name="directory-sample")
    try:
        async with Transactions(database, PLUMBING, "directory").begin() as tx:
            loaded = await _load(Loading(tx, cipher, utc_now()))
    finally:
        await database.dispose()
    structlog.get_logger().info("sample.loaded" if loaded else "sample.already-there")
    return loaded


async def _load(loading: Loading) -> bool:
    if await knows_anybody(loading.tx.session):
        return False
    areas = await load_areas(loading.tx.session)
    await _organisations(loading, areas)
    inspectors = await _people(loading, "link-inspector", INSPECTORS, tuple(Specialism))
    await _appoint_all(loading, areas, Role.LINK_INSPECTOR, inspectors)
    adults = await _people(loading, "manager-adults", ADULT_MANAGERS, (Specialism.ADULTS,))
    await _appoint_all(loading, areas, Role.MANAGER_ADULT_SERVICES, adults)
    children = (Specialism.CHILDREN_AND_YOUNG_PEOPLE,)
    elc = await _people(loading, "manager-elc", ELC_MANAGERS, children)
    await _appoint_all(loading, areas, Role.MANAGER_ELC, elc)
    await _people(loading, "office", OFFICE, (None,))
    return True


async def _organisations(loading: Loading, areas: Sequence[Area]) -> None:
    for area in areas:
        kind = OrganisationKind.LOCAL_AUTHORITY
        await _organisation(loading, area.gss_code, _council(area), kind, [area])
    for group in _groups(areas):
        names = " and ".join(area.name for area in group)
        for prefix, kind, title in COMMITTEES:
            code = f"{prefix}-{group[0].gss_code}"
            await _organisation(loading, code, f"{names} {title}", kind, group)


async def _organisation(
    loading: Loading, code: str, name: str, kind: OrganisationKind, areas: Sequence[Area]
) -> None:
    covers = tuple(Cover(area.gss_code) for area in areas)
    await add_organisation(
        loading.tx, code=code, name=name, kind=kind, covers=covers, actor=ACTOR, now=loading.now
    )


def _groups(areas: Sequence[Area]) -> list[list[Area]]:
    shared = {code: together for together in SHARED for code in together}
    named = dict.fromkeys(shared.get(area.gss_code, (area.gss_code,)) for area in areas)
    by_code = {area.gss_code: area for area in areas}
    return [[by_code[code] for code in together] for together in named]


def _council(area: Area) -> str:
    special = {"Na h-Eileanan Siar": "Comhairle nan Eilean Siar"}
    return special.get(area.name, f"{area.name} Council")


async def _people(
    loading: Loading, mailbox: str, names: Sequence[str], specialisms: Sequence[Specialism | None]
) -> list[Person]:
    return [
        await add_person(
            loading.tx,
            loading.cipher,
            known_as=KnownAs(
                name, f"{mailbox}-{number}@example.org", specialism, ACCOUNTS.get(name)
            ),
            actor=ACTOR,
            now=loading.now,
        )
        for number, (name, specialism) in enumerate(
            zip(names, cycle(specialisms), strict=False), start=1
        )
    ]


async def _appoint_all(
    loading: Loading, areas: Sequence[Area], role: Role, people: Sequence[Person]
) -> None:
    for area, person in zip(areas, cycle(people), strict=False):
        made = await _appoint(loading, Wanted(person.id, role, area.gss_code, SINCE))
        if (area.gss_code, role) == (FIFE, Role.LINK_INSPECTOR):
            others = [each for each in people if each is not person]
            await _change_once(loading, made, successor=others[0], cover=others[1])


async def _change_once(
    loading: Loading, first: Appointment, *, successor: Person, cover: Person
) -> None:
    await end_appointment(
        loading.tx,
        first.id,
        FIFE_CHANGED,
        permit=lambda _: None,
        actor=ACTOR,
        now=loading.now,
    )
    await _appoint(loading, Wanted(successor.id, first.role, first.area, FIFE_CHANGED))
    absence = Wanted(cover.id, first.role, first.area, *FIFE_AWAY, kind=Kind.COVER)
    await _appoint(loading, absence)


async def _appoint(loading: Loading, wanted: Wanted) -> Appointment:
    return await make_appointment(loading.tx, wanted, actor=ACTOR, now=loading.now)
