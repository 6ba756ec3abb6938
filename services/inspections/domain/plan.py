"""What a joint inspection is to look at, where, when, and which body must scrutinise what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.inspections.domain.footprint import Footprint
from services.inspections.domain.vocabulary import Body, Scope, Theme
from shared.errors import FieldError, Invalid

LONGEST_NAME = 200
MOST_ELEMENTS = 50


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a service, and the bodies that have the duty to scrutinise it."""

    name: str
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that keeps every rule; both `starts_on` and `ends_on` are days of the inspection."""

    theme: Theme
    scope: Scope
    areas: tuple[str, ...]
    starts_on: date
    ends_on: date
    elements: tuple[Element, ...]
    title: str | None = None
    footprint: str | None = None


@dataclass(frozen=True, slots=True)
class ProposedElement:
    """An element as asked for."""

    name: str
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan as asked for, before anything about it has been checked."""

    theme: str
    scope: str
    areas: tuple[str, ...]
    starts_on: date
    ends_on: date
    elements: tuple[ProposedElement, ...]
    title: str | None = None
    footprint: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """What a plan may refer to: the council areas and the footprints, each by its id."""

    areas: frozenset[str]
    footprints: Mapping[str, Footprint]


def accept(proposal: Proposal, reference: Reference) -> Plan:
    """The plan that was proposed, or every rule that it breaks."""
    errors = [
        *_word_errors(proposal),
        *_area_errors(proposal, reference.areas),
        *_element_errors(proposal.elements),
        *_footprint_errors(proposal, reference.footprints),
    ]
    if errors:
        raise Invalid(*errors)
    return _plan(proposal)


def _plan(proposal: Proposal) -> Plan:
    return Plan(
        theme=Theme(proposal.theme),
        scope=Scope(proposal.scope),
        areas=tuple(sorted(proposal.areas)),
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        elements=tuple(_element(each) for each in proposal.elements),
        title=(proposal.title or "").strip() or None,
        footprint=proposal.footprint,
    )


def _element(proposed: ProposedElement) -> Element:
    return Element(proposed.name.strip(), tuple(Body(body) for body in proposed.bodies))


def _word_errors(proposal: Proposal) -> list[FieldError]:
    title_fits = len(proposal.title or "") <= LONGEST_NAME
    checks = (
        ("theme", proposal.theme in set(Theme), f"must be one of {', '.join(Theme)}"),
        ("scope", proposal.scope in set(Scope), f"must be one of {', '.join(Scope)}"),
        ("ends_on", proposal.ends_on >= proposal.starts_on, "must not be before starts_on"),
        ("title", title_fits, f"must be at most {LONGEST_NAME} characters"),
    )
    return [FieldError(field, rule) for field, passes, rule in checks if not passes]


def _area_errors(proposal: Proposal, known: frozenset[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    if proposal.scope == Scope.LOCAL and not proposal.areas:
        errors.append(FieldError("areas", "a local inspection names at least one council area"))
    if proposal.scope == Scope.NATIONAL and proposal.areas:
        errors.append(FieldError("areas", "a national inspection names no council area"))
    for index, area in enumerate(proposal.areas):
        if area not in known:
            errors.append(FieldError(f"areas[{index}]", "is not a council area we know"))
        elif area in proposal.areas[:index]:
            errors.append(FieldError(f"areas[{index}]", "is named twice"))
    return errors


def _element_errors(elements: Sequence[ProposedElement]) -> list[FieldError]:
    if not 0 < len(elements) <= MOST_ELEMENTS:
        return [FieldError("elements", f"must name 1 to {MOST_ELEMENTS} elements")]
    names = [element.name.strip().casefold() for element in elements]
    errors: list[FieldError] = []
    for index, element in enumerate(elements):
        if not 0 < len(names[index]) <= LONGEST_NAME:
            rule = f"must be 1 to {LONGEST_NAME} characters"
            errors.append(FieldError(f"elements[{index}].name", rule))
        elif names[index] in names[:index]:
            errors.append(FieldError(f"elements[{index}].name", "is named twice"))
        errors += _duty_errors(f"elements[{index}].bodies", element.bodies)
    return errors


def _duty_errors(field: str, bodies: Sequence[str]) -> list[FieldError]:
    if not bodies:
        return [FieldError(field, "at least one body must have the duty to scrutinise it")]
    errors: list[FieldError] = []
    for index, body in enumerate(bodies):
        if body not in set(Body):
            errors.append(FieldError(f"{field}[{index}]", f"must be one of {', '.join(Body)}"))
        elif body in bodies[:index]:
            errors.append(FieldError(f"{field}[{index}]", "is named twice"))
    return errors


def _footprint_errors(proposal: Proposal, footprints: Mapping[str, Footprint]) -> list[FieldError]:
    if proposal.footprint is None:
        return []
    footprint = footprints.get(proposal.footprint)
    if footprint is None:
        return [FieldError("footprint", f"must be one of {', '.join(footprints)}")]
    if footprint.theme != proposal.theme:
        return [FieldError("footprint", f"belongs to the theme {footprint.theme}")]
    return []
