"""One area as it was on a day: who held each role, and which organisations answered for it."""

from dataclasses import dataclass
from datetime import date

from services.directory.domain.appointment import Appointment, Role
from services.directory.domain.area import Area
from services.directory.domain.coverage import holder_on
from services.directory.domain.organisation import Organisation
from services.directory.domain.person import Person
from services.directory.storage.appointments import Which, load_appointments
from services.directory.storage.areas import load_area
from services.directory.storage.organisations import load_organisations
from services.directory.storage.people import people_by_id
from shared.confidential.fields import FieldCipher
from shared.errors import NotFound
from shared.telemetry import AREA, annotate
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with the appointment by which they hold a role."""

    appointment: Appointment
    person: Person


@dataclass(frozen=True, slots=True)
class AreaOnDay:
    """An area on a day; a role that nobody held is not among `holders`."""

    area: Area
    on: date
    holders: dict[Role, Holder]
    organisations: list[Organisation]


async def show_area(tx: Transaction, cipher: FieldCipher, gss_code: str, on: date) -> AreaOnDay:
    """The area on that day, or `NotFound`."""
    area = await load_area(tx.session, gss_code)
    if area is None:
        raise NotFound("There is no such council area.")
    annotate(**{AREA: gss_code})
    organisations = await load_organisations(tx.session, area=gss_code)
    covering = [each for each in organisations if each.covers_on(gss_code, on)]
    return AreaOnDay(area, on, await _holders(tx, cipher, gss_code, on), covering)


async def _holders(
    tx: Transaction, cipher: FieldCipher, gss_code: str, on: date
) -> dict[Role, Holder]:
    active = await load_appointments(tx.session, Which(area=gss_code, on=on))
    people = await people_by_id(tx.session, cipher, (each.person for each in active))
    chosen = (holder_on([one for one in active if one.role is role], on) for role in Role)
    return {each.role: Holder(each, people[each.person]) for each in chosen if each is not None}
