"""Requests nobody would send in good faith, and what is wrong with how they were answered."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.access.guards import permissions
from shared.access.principal import Role
from tests.chaos.attacked_app import AttackedApp
from tests.chaos.known_things import FIFE, Known, sound_body

CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
_IN_NO_HURRY = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
# What a value may become: JSON of any shape, and texts that have broken parsers before.
NASTY: list[Any] = [
    None, True, 0, -1, 2**63, -(2**70), 1e308, 0.1, "", " ", "\x00", "\ud800", "\u202e", "%s",
    "'; DROP TABLE cases;--", "A" * 20_000, "9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30",
    "2026-03-29T01:30:00+00:60", "1e999", [], {}, [[[[[[]]]]]], {"": ""}, [None] * 300,
]  # fmt: skip


@dataclass
class Attack:
    """What was sent to one service, and every answer that should not have been given."""

    app: AttackedApp
    visitors: "Visitors"
    statuses: Counter[int] = field(default_factory=Counter)
    operations: int = 0
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """What went wrong: of each operation the first time, and how often."""
        first: dict[str, str] = {}
        for one in self.wrong:
            first.setdefault(one.partition(":")[0], one)
        counts = Counter(one.partition(":")[0] for one in self.wrong)
        return "\n".join(f"{counts[name]} times {one}" for name, one in first.items())

    def judge(self, case: schemathesis.Case, instead: bytes | None, answer: httpx.Response) -> None:
        """Notes an answer of 5xx, or one that the document does not tell of."""
        self.statuses[answer.status_code] += 1
        try:
            assert answer.status_code < 500, f"answered {answer.status_code}: {answer.text[:300]}"
            case.validate_response(answer, checks=CHECKS)
        except (AssertionError, BaseExceptionGroup) as error:
            body = case.body if instead is None else instead
            sent = f"{case.path_parameters} {case.query} {case.headers} {body!r}"[:600]
            why = str(getattr(error, "exceptions", [error])[0])[:1500]
            self.wrong.append(f"{case.operation.label}: {why}\n  sent {sent}")


class Visitors:
    """Who comes to a service, and how they show it."""

    def headers(self, app: AttackedApp, chance: random.Random, role: Role) -> dict[str, str]:
        """Mostly somebody who may; now and then anybody, or nobody at all."""
        if chance.random() < 0.05:
            return {}
        if chance.random() < 0.1:
            role = chance.choice(list(Role))
        areas = [FIFE] if role in (Role.NOTIFIER, Role.STRATEGIC_INSPECTOR) else None
        return app.as_(role, areas)

    def aim(self, case: schemathesis.Case, chance: random.Random, role: Role) -> None:
        """What else they would know."""


API_VISITORS = Visitors()


def attack(
    app: AttackedApp,
    document: Any,
    known: Callable[[], Known],
    *,
    examples: int,
    number: int,
    visitors: Visitors = API_VISITORS,
) -> Attack:
    """Sends `examples` requests to every operation of the document; the same `number`, the same.

    `known` makes things that exist anew for every operation: what was deleted is there again.
    """
    done = Attack(app, visitors)
    allowed = {(m, _plain(path)): access for (m, path), access in permissions(app.app).items()}
    for operation in _operations(document):
        roles = allowed[operation.method.upper(), operation.path].roles
        _attack_one(done, operation, known(), sorted(roles or Role), examples, number)
        done.operations += 1
    return done


def _operations(document: Any) -> Iterator[Any]:
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


def _attack_one(
    done: Attack, operation: Any, known: Known, roles: list[Role], examples: int, number: int
) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=_IN_NO_HURRY,
    )
    @given(_cases(operation), st.integers(0, 2**32), st.sampled_from(roles))
    def send(case: schemathesis.Case, dice: int, role: Role) -> None:
        chance = random.Random(dice)
        headers = done.visitors.headers(done.app, chance, role)
        _aim(done.app, case, known, chance, headers)
        done.visitors.aim(case, chance, role)
        instead = _almost_right(case, known, chance)
        done.judge(case, instead, done.app.attack(case, headers, instead))

    send()


def _cases(operation: Any) -> st.SearchStrategy[schemathesis.Case]:
    """As the document says, and as it forbids."""
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])


def _aim(
    app: AttackedApp,
    case: schemathesis.Case,
    known: Known,
    chance: random.Random,
    headers: Mapping[str, str],
) -> None:
    """Turns most cases towards what exists, as it is now."""
    if chance.random() < 0.7:
        here = {name: known[name] for name in case.path_parameters or {} if name in known}
        case.path_parameters = {**(case.path_parameters or {}), **here}
    if case.headers and "If-Match" in case.headers and chance.random() < 0.7:
        case.headers["If-Match"] = _etag(app, case, headers)


def _almost_right(case: schemathesis.Case, known: Known, chance: random.Random) -> bytes | None:
    """Mostly a sound body with something spoilt in it, where one is known; else chance's own."""
    sound = sound_body(case.operation.label, known)
    if sound is None or chance.random() < 0.3:
        return None
    written = json.dumps(_spoilt(sound, chance)).encode()
    if chance.random() < 0.05:
        return written[: chance.randrange(len(written))] + chance.choice([b"", b"\xff", b"\x00"])
    return written


def _etag(app: AttackedApp, case: schemathesis.Case, headers: Mapping[str, str]) -> str:
    """Of the thing that the request is about, as it is now."""
    thing = "/".join(case.formatted_path.split("/")[:3])
    return app.ask("GET", thing, headers=dict(headers)).headers.get("etag", '"1"')


def _spoilt(body: Any, chance: random.Random) -> Any:
    """The same, one time in five; otherwise with something added, gone, or nasty in it."""
    if chance.random() < 0.2:
        return body
    if isinstance(body, dict) and body:
        name = chance.choice(list(body))
        how = chance.random()
        if how < 0.1:
            return {key: value for key, value in body.items() if key != name}
        if how < 0.2:
            return body | {chance.choice(["extra", "", "\x00", name.upper()]): body[name]}
        return body | {name: _spoilt(body[name], chance)}
    if isinstance(body, list) and body and chance.random() < 0.7:
        return [*body[:-1], _spoilt(body[-1], chance)] * chance.choice([1, 1, 2, 40])
    return chance.choice(NASTY)


def _plain(path: str) -> str:
    """A route's path as the document writes it: parameters without their types."""
    return re.sub(r":[a-z]+}", "}", path)


def document_of(app: AttackedApp) -> dict[str, Any]:
    """The application's own OpenAPI document, as it is published."""
    return app.ask("GET", "/schema/openapi.json").raise_for_status().json()
