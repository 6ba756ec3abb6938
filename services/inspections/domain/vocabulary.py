"""The words a plan is made of: themes, scopes, scrutiny bodies, states."""

from enum import StrEnum


class Theme(StrEnum):
    """What a joint inspection is about."""

    CHILDREN_AND_YOUNG_PEOPLE = "services-for-children-and-young-people"
    CRIMINAL_JUSTICE = "criminal-justice-social-work"
    ADULTS_AND_OLDER_PEOPLE = "health-and-social-care-for-adults"
    ADULT_PROTECTION = "adult-support-and-protection"


class Scope(StrEnum):
    """Local: one or more named council areas. National: all of Scotland, and none is named."""

    LOCAL = "local"
    NATIONAL = "national"


class Status(StrEnum):
    """Where a plan stands; a cancelled one is never taken up again."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class Body(StrEnum):
    """The scrutiny bodies that can have a duty to scrutinise an element of a service."""

    CARE_INSPECTORATE = "care-inspectorate"
    HEALTHCARE_IMPROVEMENT_SCOTLAND = "healthcare-improvement-scotland"
    CONSTABULARY = "hm-inspectorate-of-constabulary-in-scotland"
    EDUCATION_SCOTLAND = "education-scotland"
    PRISONS = "hm-inspectorate-of-prisons-for-scotland"
    PROSECUTION = "hm-inspectorate-of-prosecution-in-scotland"
    MENTAL_WELFARE_COMMISSION = "mental-welfare-commission"
    HOUSING_REGULATOR = "scottish-housing-regulator"


THEME_NAMES = {
    Theme.CHILDREN_AND_YOUNG_PEOPLE: "Services for children and young people",
    Theme.CRIMINAL_JUSTICE: "Criminal justice social work",
    Theme.ADULTS_AND_OLDER_PEOPLE: "Health and social care for adults and older people",
    Theme.ADULT_PROTECTION: "Adult support and protection",
}
BODY_NAMES = {
    Body.CARE_INSPECTORATE: "Care Inspectorate",
    Body.HEALTHCARE_IMPROVEMENT_SCOTLAND: "Healthcare Improvement Scotland",
    Body.CONSTABULARY: "HM Inspectorate of Constabulary in Scotland",
    Body.EDUCATION_SCOTLAND: "Education Scotland",
    Body.PRISONS: "HM Inspectorate of Prisons for Scotland",
    Body.PROSECUTION: "HM Inspectorate of Prosecution in Scotland",
    Body.MENTAL_WELFARE_COMMISSION: "Mental Welfare Commission",
    Body.HOUSING_REGULATOR: "Scottish Housing Regulator",
}
