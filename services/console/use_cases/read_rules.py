"""The rules, their versions, and what one version says differently from another."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.rule_view import Duty, RuleView, duties_by_kind, view_of_rule
from services.console.use_cases.follow_case import items

DEADLINES = "deadlines"


@dataclass(frozen=True, slots=True)
class ShownRules:
    """One version of the rules among all; the one in force, unless another was asked for."""

    version: str
    versions: Sequence[Mapping[str, Any]]
    kinds: Mapping[str, Sequence[Duty]]


async def read_rules(apis: Apis, token: str, version: str) -> ShownRules:
    """`Invalid` for a version that there is not."""
    asked = {"version": version} if version else {}
    rules, versions = await asyncio.gather(
        apis.get(DEADLINES, "/rules", token, asked), rule_versions(apis, token)
    )
    in_force = next(one["version"] for one in versions if one["in_force"])
    return ShownRules(version or in_force, versions, duties_by_kind(items(rules)))


async def rule_versions(apis: Apis, token: str) -> Sequence[Mapping[str, Any]]:
    """Every version, the newest first."""
    return items(await apis.get(DEADLINES, "/rules/versions", token))[::-1]


async def read_rule(apis: Apis, token: str, rule: str, version: str) -> RuleView:
    """One wording, as in force or in that version."""
    path, asked = f"/rules/{quote(rule, safe='')}", {"version": version} if version else {}
    return view_of_rule(await apis.get(DEADLINES, path, token, asked))


async def compare_rules(apis: Apis, token: str, before: str, after: str) -> Mapping[str, Any]:
    """What `after` says differently from `before`."""
    return await apis.get(DEADLINES, "/rules/changes", token, {"from": before, "to": after})
