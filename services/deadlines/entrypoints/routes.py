"""Every route of deadlines."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import MediaType, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.rule_changes import changes_between
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import RuleSet
from services.deadlines.entrypoints.clock_answers import ClocksOut, clocks_out
from services.deadlines.entrypoints.preview_body import PreviewIn
from services.deadlines.entrypoints.preview_facts import preview_asked
from services.deadlines.entrypoints.schemas import (
    RecordedClockOut,
    RuleChangesOut,
    RuleOut,
    RuleSetOut,
    recorded_clock_out,
    rule_changes_out,
    rule_out,
    rule_set_out,
)
from services.deadlines.storage.clocks import Behind, Wanted
from services.deadlines.use_cases.show_clocks import Shown, show_clock, show_clocks, show_due
from shared.access.guards import allow_case_readers, allow_signed_in
from shared.access.principal import Principal
from shared.clock import utc_now
from shared.errors import FieldError, Invalid, NotFound
from shared.transaction import Transactions
from shared.web.etags import etag
from shared.web.pages import Page, checked_limit, page

# About a millisecond's worth of writing.
MANY_DAYS = 2_000

FromVersion = Annotated[str, QueryParameter(name="from")]
ToVersion = Annotated[str | None, QueryParameter(name="to")]


@post(
    "/previews",
    guards=[allow_signed_in],
    status_code=200,
    responses={200: ResponseSpec(ClocksOut, generate_examples=False, description="The clocks")},
)
async def post_preview(data: PreviewIn, rulebook: Rulebook) -> Response[bytes]:
    """The clocks that these facts would have, explained; nothing of them is stored or logged."""
    asked = preview_asked(data, rulebook.in_force, utc_now())
    clocks = rulebook.preview(asked.kind, asked.area, asked.facts, asked.as_at)
    # Days of centuries are written beside the loop, so that nobody else waits for them.
    long = sum(len(clock.counted.days) for clock in clocks) > MANY_DAYS
    answer = await asyncio.to_thread(_written, clocks) if long else _written(clocks)
    return Response(answer, media_type=MediaType.JSON)


def _written(clocks: tuple[Clock, ...]) -> bytes:
    return msgspec.json.encode(ClocksOut(clocks_out(clocks)))


@get("/rules", guards=[allow_signed_in])
async def get_rules(
    rulebook: Rulebook, kind: str | None = None, version: str | None = None
) -> Page[RuleOut]:
    """The rules in force, or of `version`, in the order in which clocks are shown."""
    rules = _rule_set(rulebook, "version", version) if version else rulebook.in_force
    wanted = [rule for rule in rules.rules if kind is None or rule.kind == kind]
    return Page([rule_out(rule, rules) for rule in wanted], None)


@get("/rules/versions", guards=[allow_signed_in])
async def get_rule_versions(rulebook: Rulebook) -> Page[RuleSetOut]:
    """Every version of the rules, oldest first."""
    sets = rulebook.rule_sets.values()
    return Page([rule_set_out(one, rulebook.in_force) for one in sets], None)


@get("/rules/changes", guards=[allow_signed_in])
async def get_rule_changes(
    rulebook: Rulebook, version_before: FromVersion, version: ToVersion = None
) -> RuleChangesOut:
    """What `to` (by default the version in force) says differently from `from`."""
    before = _rule_set(rulebook, "from", version_before)
    after = _rule_set(rulebook, "to", version) if version else rulebook.in_force
    return rule_changes_out(before, after, changes_between(before, after))


@get("/rules/{rule_id:str}", guards=[allow_signed_in])
async def get_rule(rulebook: Rulebook, rule_id: str, version: str | None = None) -> RuleOut:
    """One rule: as in force, or as it was in the rule set of `version`."""
    rule_set = rulebook.rule_sets.get(version) if version else rulebook.in_force
    rule = rule_set.rule(rule_id) if rule_set else None
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule_out(rule, rule_set or rulebook.in_force)


def _rule_set(rulebook: Rulebook, field: str, version: str) -> RuleSet:
    found = rulebook.rule_sets.get(version)
    if found is None:
        raise Invalid(FieldError(field, f"must be one of: {', '.join(rulebook.rule_sets)}"))
    return found


@get("/clocks", guards=[allow_case_readers])
async def get_clocks(
    transactions: Transactions,
    rulebook: Rulebook,
    wanted: Wanted,
    behind: int,
    limit: int | None = None,
) -> Page[RecordedClockOut]:
    """The clocks of the cases that the caller may see, as they stand now.

    A page may be short, or empty, and have a next one: it was looked through so many by then.
    """
    size = checked_limit(limit)
    async with transactions.begin() as tx:
        found, until = await show_clocks(tx, rulebook, wanted, utc_now(), behind, size + 1)
    return page(
        found,
        size,
        out=recorded_clock_out,
        after=lambda one: (one.listed.number,),
        otherwise=None if until is None else (until,),
    )


@get("/clocks/due", guards=[allow_case_readers])
async def get_due(
    transactions: Transactions,
    rulebook: Rulebook,
    wanted: Wanted,
    behind_due: Behind | None,
    limit: int | None = None,
) -> Page[RecordedClockOut]:
    """Clocks that run and have a due date, the first due first; with `state`, those in it."""
    size = checked_limit(limit)
    async with transactions.begin() as tx:
        found = await show_due(tx, rulebook, wanted, utc_now(), behind_due, size + 1)
    return page(found, size, out=recorded_clock_out, after=_due_place)


def _due_place(shown: Shown) -> tuple[datetime, int]:
    # The list holds only what has a date.
    return (shown.listed.due_at or datetime.max.replace(tzinfo=UTC), shown.listed.number)


@get("/clocks/{clock_id:str}", guards=[allow_case_readers])
async def get_clock(
    transactions: Transactions, rulebook: Rulebook, principal: Principal, clock_id: str
) -> Response[RecordedClockOut]:
    """One clock and its explanation, as it stands now; its ETag changes with its case."""
    async with transactions.begin() as tx:
        shown = await show_clock(tx, rulebook, clock_id, utc_now())
    principal.require_area(shown.listed.case.area, "clock")
    headers = {"ETag": etag(shown.listed.case.sequence)}
    return Response(recorded_clock_out(shown), headers=headers)


ROUTES = (
    post_preview,
    get_rules,
    get_rule_versions,
    get_rule_changes,
    get_rule,
    get_clocks,
    get_due,
    get_clock,
)
