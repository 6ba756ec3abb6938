"""Inspections over HTTP: who may ask what, what it answers, and how it refuses."""

from typing import Any

import httpx
import pytest

from tests.access_kit import as_
from tests.inspections.builders import FIFE, STIRLING

CHIEF = as_("chief-inspector")
INSPECTOR = as_("strategic-inspector", areas=[FIFE])


def a_body(**given: Any) -> dict[str, Any]:
    return {
        "theme": "adult-support-and-protection",
        "scope": "local",
        "areas": [FIFE],
        "starts_on": "2026-05-01",
        "ends_on": "2026-05-29",
        "elements": [
            {"name": "Social work", "bodies": ["care-inspectorate"]},
            {
                "name": "Health",
                "bodies": ["healthcare-improvement-scotland", "care-inspectorate"],
            },
        ],
    } | given


async def plan(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await client.post("/inspections", json=a_body(**given), headers=CHIEF)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(client: httpx.AsyncClient, reference: str, **headers: str) -> httpx.Response:
    return await client.get(f"/inspections/{reference}", headers=headers or CHIEF)


async def test_an_inspection_is_planned_and_read(client: httpx.AsyncClient) -> None:
    made = await plan(client, footprint="adult-support-and-protection-phase-1")
    assert (made["reference"][:3], made["status"], made["version"]) == ("JI-", "planned", 1)
    assert made["bodies"] == [
        {
            "body": "care-inspectorate",
            "name": "Care Inspectorate",
            "elements": ["Social work", "Health"],
        },
        {
            "body": "healthcare-improvement-scotland",
            "name": "Healthcare Improvement Scotland",
            "elements": ["Health"],
        },
    ]
    answer = await read(client, made["reference"])
    assert answer.headers["ETag"] == '"1"'
    body = answer.json()
    assert (body["clashes"], body["link_inspectors"]) == ([], [])
    assert body["footprint_weeks"]["weeks"] == 18
    assert made.items() <= body.items()


async def test_every_rule_that_a_plan_breaks_is_named(client: httpx.AsyncClient) -> None:
    bad = a_body(
        areas=["S12000099"], ends_on="2026-04-01", elements=[{"name": "Health", "bodies": []}]
    )
    answer = await client.post("/inspections", json=bad, headers=CHIEF)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    fields = [error["field"] for error in answer.json()["errors"]]
    assert fields == ["ends_on", "areas[0]", "elements[0].bodies"]


async def test_every_field_of_the_wrong_shape_is_named(client: httpx.AsyncClient) -> None:
    bad = a_body(theme="weather", areas=FIFE, starts_on=1) | {"colour": "red"}
    answer = await client.post("/inspections", json=bad, headers=CHIEF)
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"theme", "areas", "starts_on", "colour"}


async def test_the_same_plan_sent_twice_is_one_inspection(client: httpx.AsyncClient) -> None:
    headers = CHIEF | {"Idempotency-Key": "once"}
    first = await client.post("/inspections", json=a_body(), headers=headers)
    second = await client.post("/inspections", json=a_body(), headers=headers)
    assert first.json() == second.json()
    other = await client.post("/inspections", json=a_body(title="Other"), headers=headers)
    assert other.status_code == 422
    assert len((await client.get("/inspections", headers=CHIEF)).json()["items"]) == 1


async def test_a_change_names_the_version_it_changes(client: httpx.AsyncClient) -> None:
    reference = (await plan(client))["reference"]
    path, body = f"/inspections/{reference}", a_body(title="New")
    assert (await client.put(path, json=body, headers=CHIEF)).status_code == 428
    stale = CHIEF | {"If-Match": '"7"'}
    assert (await client.put(path, json=body, headers=stale)).status_code == 412
    changed = await client.put(path, json=body, headers=CHIEF | {"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json()["title"] == "New"


async def test_a_cancelled_inspection_says_why_and_stays(client: httpx.AsyncClient) -> None:
    reference = (await plan(client))["reference"]
    path, body = f"/inspections/{reference}/cancel", {"reason": "Not now."}
    headers = CHIEF | {"If-Match": '"1"', "Idempotency-Key": "cancel"}
    cancelled = await client.post(path, json=body, headers=headers)
    again = await client.post(path, json=body, headers=headers)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.headers["ETag"] == again.headers["ETag"] == '"2"'
    assert (await read(client, reference)).json()["cancelled_reason"] == "Not now."
    refused = await client.post(path, json=body, headers=CHIEF | {"If-Match": '"2"'})
    assert refused.status_code == 409


async def test_inspectors_see_their_areas_and_what_is_national(
    client: httpx.AsyncClient,
) -> None:
    fife, stirling = await plan(client), await plan(client, areas=[STIRLING])
    everywhere = await plan(client, scope="national", areas=[])
    listed = (await client.get("/inspections", headers=INSPECTOR)).json()["items"]
    assert [each["reference"] for each in listed] == [fife["reference"], everywhere["reference"]]
    assert (await read(client, stirling["reference"], **INSPECTOR)).status_code == 404
    clashes = (await read(client, fife["reference"], **INSPECTOR)).json()["clashes"]
    assert [(each["reference"], each["areas"]) for each in clashes] == [
        (everywhere["reference"], [FIFE])
    ]
    assert (clashes[0]["from"], clashes[0]["to"]) == ("2026-05-01", "2026-05-29")


async def test_a_planner_of_some_areas_plans_in_those_only(client: httpx.AsyncClient) -> None:
    local = as_("support-officer", areas=[FIFE])
    assert (await client.post("/inspections", json=a_body(), headers=local)).status_code == 201
    elsewhere = a_body(areas=[STIRLING])
    assert (await client.post("/inspections", json=elsewhere, headers=local)).status_code == 404
    theirs = await plan(client, areas=[STIRLING])
    answer = await client.put(
        f"/inspections/{theirs['reference']}",
        json=a_body(),
        headers=local | {"If-Match": "*"},
    )
    assert answer.status_code == 404


async def test_lists_are_filtered_and_come_in_pages(client: httpx.AsyncClient) -> None:
    references = [(await plan(client))["reference"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        query = f"area={FIFE}&status=planned&from=2026-05-29&to=2026-06-30&limit=2&cursor={cursor}"
        answer = (await client.get(f"/inspections?{query}", headers=CHIEF)).json()
        seen += [each["reference"] for each in answer["items"]]
        cursor = answer["next"]
    assert seen == references
    bad = await client.get("/inspections?theme=weather&from=soon", headers=CHIEF)
    assert bad.status_code == 422


async def test_themes_offer_what_a_plan_can_be_made_of(client: httpx.AsyncClient) -> None:
    offered = (await client.get("/themes", headers=INSPECTOR)).json()
    assert (len(offered["themes"]), len(offered["bodies"])) == (4, 8)
    first = offered["themes"][0]
    made = await plan(
        client,
        theme=first["code"],
        elements=first["suggested_elements"],
        footprint=first["footprints"][0]["id"],
    )
    assert made["elements"] == first["suggested_elements"]


@pytest.mark.parametrize("role", ["notifier", "strategic-inspector", "operator", "auditor"])
async def test_only_support_and_the_chief_inspector_plan(
    client: httpx.AsyncClient, role: str
) -> None:
    answer = await client.post("/inspections", json=a_body(), headers=as_(role, areas=[FIFE]))
    assert answer.status_code == 403


@pytest.mark.parametrize("role", ["notifier", "operator"])
async def test_notifiers_and_operators_read_no_plans(client: httpx.AsyncClient, role: str) -> None:
    for path in ("/inspections", "/inspections/JI-2026-0001", "/themes"):
        assert (await client.get(path, headers=as_(role, areas=[FIFE]))).status_code == 403
        assert (await client.get(path)).status_code == 401
