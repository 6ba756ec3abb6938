"""The bodies of acts: what is asked for, and why."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field

from services.deadlines.domain.facts import Extension
from services.deadlines.domain.local_time import LAST_DAY
from services.deadlines.entrypoints.reading import FIRST_YEAR
from services.deadlines.use_cases.declare_regime import RegimeAsked
from shared.errors import FieldError, Invalid

# Seen by everybody who may see the clock: no names, and nothing about the person concerned.
Reason = Annotated[
    str, Meta(min_length=1, max_length=2000, description="Why; name roles, never people")
]
Role = Annotated[
    str, Meta(min_length=1, max_length=200, description="The role that agreed, never a name")
]


class ExtensionActIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many units more of the rule's own kind, for every wording of the clock's obligation."""

    amount: int
    reason: Reason
    agreed_by: Role


class PauseActIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local dates; `from` is today unless given, `until` is exclusive and null while it lasts."""

    starts: date | None = field(name="from", default=None)
    ends: date | None = field(name="until", default=None)
    reason: Reason
    agreed_by: Role | None = None


class ResumptionIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`until` is the first local day that counts again: today unless given."""

    ends: date | None = field(name="until", default=None)
    reason: Reason


class WithdrawalIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is undone."""

    reason: Reason


class RegimeExtensionIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What ran in the period gets so many units more of its rule's own kind."""

    obligation: str
    amount: int


class RegimeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local dates, `until` exclusive and null while it lasts; no kinds or areas mean all."""

    name: str
    kinds: Annotated[list[str], Meta(max_length=100)] = field(default_factory=list)
    areas: Annotated[list[str], Meta(max_length=100)] = field(default_factory=list)
    starts: date = field(name="from")
    ends: date | None = field(name="until", default=None)
    extensions: Annotated[list[RegimeExtensionIn], Meta(max_length=100)] = field(
        default_factory=list
    )
    reason: Reason
    agreed_by: Role

    def asked(self) -> RegimeAsked:
        """The same in the words of the use case."""
        sensible_days({"from": self.starts, "until": self.ends})
        return RegimeAsked(
            name=self.name,
            kinds=tuple(dict.fromkeys(self.kinds)),
            areas=tuple(dict.fromkeys(self.areas)),
            starts=self.starts,
            ends=self.ends,
            extensions=tuple(Extension(one.obligation, one.amount) for one in self.extensions),
            reason=self.reason,
            agreed_by=self.agreed_by,
        )


class RegimeEndPreviewIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first local day on which it would not hold any more."""

    ends: date = field(name="until")

    def day(self) -> date:
        """That day, where it is one that somebody can mean."""
        sensible_days({"until": self.ends})
        return self.ends


class RegimeEndIn(RegimeEndPreviewIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first local day on which it does not hold any more, and why."""

    reason: Reason


class RebasingPreviewIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which case might be moved to which version of the rules."""

    reference: str
    version: str


class RebaseIn(RebasingPreviewIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which case is moved to which version of the rules, and why."""

    reason: Reason
    agreed_by: Role


def sensible_days(days: dict[str, date | None]) -> None:
    """Refuse days that nobody can mean."""
    wrong = [
        FieldError(name, f"must lie between the years {FIRST_YEAR} and {LAST_DAY.year}")
        for name, day in days.items()
        if day is not None and not FIRST_YEAR <= day.year <= LAST_DAY.year
    ]
    if wrong:
        raise Invalid(*wrong)
