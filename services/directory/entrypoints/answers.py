"""From what the use cases answer to what the routes answer."""

from datetime import date

from services.directory.domain.appointment import Appointment, Role
from services.directory.domain.area import Area
from services.directory.domain.coverage import Gap, Load, Overlap
from services.directory.domain.link_activity import LinkActivity
from services.directory.domain.organisation import Organisation, OrganisationKind
from services.directory.domain.person import Person
from services.directory.entrypoints.schemas import (
    AppointmentOut,
    AreaOnDayOut,
    AreaOut,
    CoverageOut,
    CoverOut,
    GapOut,
    HolderOut,
    LinkActivityOut,
    LoadOut,
    ManagersOut,
    NamedOut,
    OrganisationOut,
    OrganisationRefOut,
    OverlapOut,
    PersonOut,
    PersonWithAppointmentsOut,
    PostOut,
)
from services.directory.use_cases.show_area import AreaOnDay, Holder
from services.directory.use_cases.show_coverage import Coverage


def area_out(area: Area) -> AreaOut:
    """An area as answered in lists."""
    return AreaOut(area.gss_code, area.name, area.valid_from, area.valid_to)


def area_on_day_out(seen: AreaOnDay) -> AreaOnDayOut:
    """An area as answered for a day."""
    area = seen.area
    return AreaOnDayOut(
        gss_code=area.gss_code,
        name=area.name,
        valid_from=area.valid_from,
        valid_to=area.valid_to,
        on=seen.on,
        valid=area.valid_on(seen.on),
        health_board=_first(seen, OrganisationKind.HEALTH_BOARD),
        partnership=_first(seen, OrganisationKind.PARTNERSHIP),
        organisations=[
            OrganisationRefOut(each.code, each.name, each.kind) for each in seen.organisations
        ],
        link_inspector=_holder_out(seen.holders.get(Role.LINK_INSPECTOR)),
        relationship_managers=ManagersOut(
            adult_services=_holder_out(seen.holders.get(Role.MANAGER_ADULT_SERVICES)),
            early_learning_and_childcare=_holder_out(seen.holders.get(Role.MANAGER_ELC)),
        ),
    )


def organisation_out(organisation: Organisation) -> OrganisationOut:
    """An organisation as answered."""
    covers = [CoverOut(each.area, each.starts_on, each.ends_on) for each in organisation.covers]
    return OrganisationOut(organisation.code, organisation.name, organisation.kind, covers)


def appointment_out(made: Appointment) -> AppointmentOut:
    """An appointment as answered."""
    return AppointmentOut(
        id=made.id,
        person=made.person,
        role=made.role,
        area=made.area,
        kind=made.kind,
        starts_on=made.starts_on,
        ends_on=made.ends_on,
        version=made.version,
    )


def person_out(person: Person) -> PersonOut:
    """A person as answered."""
    return PersonOut(
        id=person.id,
        name=person.name,
        mailbox=person.mailbox,
        specialism=person.specialism,
        signs_in_as=person.signs_in_as,
        version=person.version,
    )


def person_with_appointments_out(
    person: Person, appointments: list[Appointment]
) -> PersonWithAppointmentsOut:
    """A person as answered alone."""
    return PersonWithAppointmentsOut(
        id=person.id,
        name=person.name,
        mailbox=person.mailbox,
        specialism=person.specialism,
        signs_in_as=person.signs_in_as,
        version=person.version,
        appointments=[appointment_out(each) for each in appointments],
    )


def link_activity_out(activity: LinkActivity) -> LinkActivityOut:
    """An entry as answered."""
    return LinkActivityOut(
        id=activity.id,
        area=activity.area,
        key_area=activity.key_area,
        happened_on=activity.happened_on,
        text=activity.text,
        recorded_by=activity.recorded_by,
        recorded_at=activity.recorded_at,
    )


def coverage_out(coverage: Coverage, start: date, end: date) -> CoverageOut:
    """Coverage as answered."""
    return CoverageOut(
        starts_on=start,
        ends_on=end,
        gaps=[_gap_out(gap) for gap in coverage.gaps],
        overlaps=[_overlap_out(overlap) for overlap in coverage.overlaps],
        loads=[_load_out(load, coverage.people[load.person]) for load in coverage.loads],
    )


def _holder_out(holder: Holder | None) -> HolderOut | None:
    if holder is None:
        return None
    person, appointment = holder.person, holder.appointment
    return HolderOut(
        person=person.id,
        name=person.name,
        mailbox=person.mailbox,
        appointment=appointment.id,
        kind=appointment.kind,
        starts_on=appointment.starts_on,
        ends_on=appointment.ends_on,
    )


def _first(seen: AreaOnDay, kind: OrganisationKind) -> NamedOut | None:
    found = (each for each in seen.organisations if each.kind is kind)
    return next((NamedOut(each.code, each.name) for each in found), None)


def _gap_out(gap: Gap) -> GapOut:
    return GapOut(gap.post.area, gap.post.role, gap.starts_on, gap.ends_on)


def _overlap_out(overlap: Overlap) -> OverlapOut:
    return OverlapOut(
        area=overlap.post.area,
        role=overlap.post.role,
        starts_on=overlap.starts_on,
        ends_on=overlap.ends_on,
        appointments=[each.id for each in overlap.appointments],
        held_by=overlap.held_by.id,
    )


def _load_out(load: Load, person: Person) -> LoadOut:
    posts = [PostOut(post.area, post.role) for post in load.posts]
    return LoadOut(load.person, person.name, person.signs_in_as, load.most, posts)
