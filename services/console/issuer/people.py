"""The sample people one can sign in as; all are invented."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.access.principal import Role

ALL_AREAS = "*"
FIFE, GLASGOW = "S12000047", "S12000049"


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """One of them; `areas` is a list of codes, or `ALL_AREAS`."""

    id: str
    name: str
    role: Role
    areas: Sequence[str] | str
    organisation: str
    about: str


PEOPLE = {
    person.id: person
    for person in (
        SamplePerson(
            "fife-notifier", "Isla Marwick", Role.NOTIFIER, (FIFE,), "Fife Council",
            "Notifies the Care Inspectorate for Fife Council",
        ),
        SamplePerson(
            "link-inspector-fife", "Ailsa Rowan", Role.STRATEGIC_INSPECTOR, (FIFE,),
            "Care Inspectorate", "Strategic inspector for Fife",
        ),
        SamplePerson(
            "link-inspector-glasgow", "Iona Willow", Role.STRATEGIC_INSPECTOR, (GLASGOW,),
            "Care Inspectorate", "Strategic inspector for Glasgow City",
        ),
        SamplePerson(
            "support-officer", "Angus Larch", Role.SUPPORT_OFFICER, ALL_AREAS,
            "Care Inspectorate", "Strategic support officer, all areas",
        ),
        SamplePerson(
            "chief-inspector", "Elspeth Yarrow", Role.CHIEF_INSPECTOR, ALL_AREAS,
            "Care Inspectorate", "Chief inspector, all areas",
        ),
        SamplePerson(
            "operator", "Niall Gorse", Role.OPERATOR, ALL_AREAS, "Care Inspectorate",
            "Keeps the system running; sees traces and health, and no case",
        ),
        SamplePerson(
            "auditor", "Effie Tansy", Role.AUDITOR, ALL_AREAS, "Care Inspectorate",
            "Reads everything and changes nothing",
        ),
    )
}  # fmt: skip
