"""Every route of deadlines."""

from litestar import get, post

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.clock_answers import ClocksOut, clocks_out
from services.deadlines.entrypoints.preview_body import PreviewIn
from services.deadlines.entrypoints.preview_facts import preview_asked
from services.deadlines.entrypoints.schemas import (
    RecordedClockOut,
    RuleOut,
    recorded_clock_out,
    rule_out,
)
from services.deadlines.storage.clocks import Wanted
from services.deadlines.use_cases.show_clocks import show_clock, show_clocks
from shared.access.guards import allow_case_readers, allow_signed_in
from shared.access.principal import Principal
from shared.clock import utc_now
from shared.errors import NotFound
from shared.transaction import Transactions
from shared.web.pages import Page, checked_limit, page


@post("/previews", guards=[allow_signed_in], status_code=200)
async def post_preview(data: PreviewIn, rulebook: Rulebook) -> ClocksOut:
    """The clocks that these facts would have, explained; nothing of them is stored or logged."""
    asked = preview_asked(data, rulebook.in_force, utc_now())
    clocks = rulebook.preview(asked.kind, asked.area, asked.facts, asked.as_at)
    return ClocksOut(clocks_out(clocks))


@get("/rules", guards=[allow_signed_in])
async def get_rules(rulebook: Rulebook, kind: str | None = None) -> Page[RuleOut]:
    """The rules in force, in the order in which clocks are shown."""
    rules = rulebook.in_force.rules
    wanted = [rule for rule in rules if kind is None or rule.kind == kind]
    return Page([rule_out(rule) for rule in wanted], None)


@get("/rules/{rule_id:str}", guards=[allow_signed_in])
async def get_rule(rulebook: Rulebook, rule_id: str, version: str | None = None) -> RuleOut:
    """One rule: as in force, or as it was in the rule set of `version`."""
    rule_set = rulebook.rule_sets.get(version) if version else rulebook.in_force
    rule = rule_set.rule(rule_id) if rule_set else None
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule_out(rule)


@get("/clocks", guards=[allow_case_readers])
async def get_clocks(
    transactions: Transactions,
    rulebook: Rulebook,
    wanted: Wanted,
    behind: int,
    limit: int | None = None,
) -> Page[RecordedClockOut]:
    """The clocks of the cases that the caller may see, as they stand now."""
    size = checked_limit(limit)
    async with transactions.begin() as tx:
        found = await show_clocks(tx, rulebook, wanted, utc_now(), behind, size + 1)
    return page(found, size, out=recorded_clock_out, after=lambda one: (one.listed.number,))


@get("/clocks/{clock_id:str}", guards=[allow_case_readers])
async def get_clock(
    transactions: Transactions, rulebook: Rulebook, principal: Principal, clock_id: str
) -> RecordedClockOut:
    """One clock and its explanation, as it stands now."""
    async with transactions.begin() as tx:
        shown = await show_clock(tx, rulebook, clock_id, utc_now())
    principal.require_area(shown.listed.case.area, "clock")
    return recorded_clock_out(shown)


ROUTES = (post_preview, get_rules, get_rule, get_clocks, get_clock)
