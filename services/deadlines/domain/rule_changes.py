"""What one version of the rules says differently from another."""

from dataclasses import dataclass, fields
from typing import Any

from services.deadlines.domain.rules import Rule, RuleSet

# The version differs by itself; everything else a rule says is compared.
_COMPARED = tuple(one.name for one in fields(Rule) if one.name not in {"id", "version", "set_by"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One thing a rule says otherwise."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule that is in both versions and does not say the same."""

    rule: Rule
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class RuleSetChanges:
    """From one version to another, each in the order of the rule set it is in."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[RuleChange, ...]


def changes_between(before: RuleSet, after: RuleSet) -> RuleSetChanges:
    """What is added, removed and changed on the way from `before` to `after`."""
    pairs = [(before.rule(rule.id), rule) for rule in after.rules]
    found = [RuleChange(new, _fields(old, new)) for old, new in pairs if old is not None]
    return RuleSetChanges(
        added=tuple(new for old, new in pairs if old is None),
        removed=tuple(rule for rule in before.rules if after.rule(rule.id) is None),
        changed=tuple(change for change in found if change.fields),
    )


def _fields(old: Rule, new: Rule) -> tuple[FieldChange, ...]:
    both = ((name, getattr(old, name), getattr(new, name)) for name in _COMPARED)
    return tuple(FieldChange(name, was, now) for name, was, now in both if was != now)
