"""The directory over HTTP: who may ask what, what it answers, and how it refuses."""

from typing import Any

import httpx
import pytest

from services.directory.sample import load_sample
from shared.confidential.fields import FieldCipher
from tests.access_kit import FIELD_KEYS, as_
from tests.directory.builders import FIFE, STIRLING

RING = FieldCipher(FIELD_KEYS)
SUPPORT = as_("support-officer")
INSPECTOR = as_("strategic-inspector", areas=[FIFE])


async def post(client: httpx.AsyncClient, path: str, body: Any, **headers: str) -> httpx.Response:
    return await client.post(path, json=body, headers=SUPPORT | headers)


async def a_person(client: httpx.AsyncClient) -> str:
    body = {"name": "Isla Test", "mailbox": "isla@example.org", "specialism": "justice"}
    answer = await post(client, "/people", body)
    assert answer.status_code == 201
    return answer.json()["id"]


async def an_appointment(client: httpx.AsyncClient, **given: Any) -> httpx.Response:
    body = {
        "person": given.pop("person", None) or await a_person(client),
        "role": "link-inspector",
        "area": FIFE,
        "starts_on": "2026-03-01",
    } | given
    return await post(client, "/appointments", body)


async def test_an_area_is_answered_as_it_was_on_the_day(client: httpx.AsyncClient) -> None:
    made = (await an_appointment(client)).json()
    answer = await client.get(f"/areas/{FIFE}?on=2026-03-03", headers=INSPECTOR)
    assert answer.status_code == 200
    assert answer.json() == {
        "gss_code": FIFE,
        "name": "Fife",
        "valid_from": None,
        "valid_to": None,
        "on": "2026-03-03",
        "valid": True,
        "health_board": {"code": "S08000029", "name": "NHS Fife"},
        "partnership": {"code": "S37000032", "name": "Fife"},
        "organisations": [
            {"code": "S08000029", "name": "NHS Fife", "kind": "health-board"},
            {"code": "S37000032", "name": "Fife", "kind": "health-and-social-care-partnership"},
        ],
        "link_inspector": {
            "person": made["person"],
            "name": "Isla Test",
            "mailbox": "isla@example.org",
            "appointment": made["id"],
            "kind": "substantive",
            "from": "2026-03-01",
            "until": None,
        },
        "relationship_managers": {"adult_services": None, "early_learning_and_childcare": None},
    }
    before = await client.get(f"/areas/{FIFE}?on=2026-02-28", headers=INSPECTOR)
    assert before.json()["link_inspector"] is None


async def test_areas_come_in_pages_that_add_up(client: httpx.AsyncClient) -> None:
    codes: list[str] = []
    cursor = ""
    while cursor is not None:
        answer = await client.get(f"/areas?limit=10&cursor={cursor}", headers=INSPECTOR)
        codes += [area["gss_code"] for area in answer.json()["items"]]
        cursor = answer.json()["next"]
    assert len(codes) == 32
    assert codes == sorted(set(codes))


async def test_an_unknown_area_or_day_is_refused_readably(client: httpx.AsyncClient) -> None:
    assert (await client.get("/areas/S12000099", headers=SUPPORT)).status_code == 404
    answer = await client.get(f"/areas/{FIFE}?on=yesterday", headers=SUPPORT)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "on"


async def test_an_overlap_is_refused_with_what_stands_in_the_way(
    client: httpx.AsyncClient,
) -> None:
    standing = (await an_appointment(client)).json()
    answer = await an_appointment(client, starts_on="2026-05-01")
    assert answer.status_code == 409
    problem = answer.json()
    assert standing["id"] in problem["detail"]
    assert problem["errors"][0]["field"] == "starts_on"


async def test_every_wrong_field_is_named(client: httpx.AsyncClient) -> None:
    body = {"person": 7, "role": "king", "starts_on": "soon", "colour": "red"}
    answer = await post(client, "/appointments", body)
    assert answer.status_code == 422
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"person", "role", "area", "starts_on", "colour"}


async def test_the_same_request_sent_twice_makes_one_appointment(
    client: httpx.AsyncClient,
) -> None:
    body = {
        "person": await a_person(client),
        "role": "link-inspector",
        "area": FIFE,
        "starts_on": "2026-03-01",
    }
    key = {"Idempotency-Key": "one"}
    first = await client.post("/appointments", json=body, headers=SUPPORT | key)
    second = await client.post("/appointments", json=body, headers=SUPPORT | key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.headers["ETag"] == '"1"'
    listed = await client.get(f"/appointments?area={FIFE}", headers=SUPPORT)
    assert len(listed.json()["items"]) == 1


async def test_an_end_names_the_version_it_changes(client: httpx.AsyncClient) -> None:
    made = (await an_appointment(client)).json()
    path, body = f"/appointments/{made['id']}/end", {"ends_on": "2026-06-01"}
    assert (await post(client, path, body)).status_code == 428
    assert (await post(client, path, body, **{"If-Match": '"9"'})).status_code == 412
    ended = await post(client, path, body, **{"If-Match": '"1"'})
    assert (ended.status_code, ended.headers["ETag"]) == (200, '"2"')
    assert ended.json()["ends_on"] == "2026-06-01"
    read = await client.get(f"/appointments/{made['id']}", headers=INSPECTOR)
    assert read.headers["ETag"] == '"2"'


async def test_an_end_sent_twice_gets_its_first_answer(client: httpx.AsyncClient) -> None:
    made = (await an_appointment(client)).json()
    path, body = f"/appointments/{made['id']}/end", {"ends_on": "2026-06-01"}
    headers = {"If-Match": '"1"', "Idempotency-Key": "end-it"}
    first = await post(client, path, body, **headers)
    second = await post(client, path, body, **headers)
    assert first.json() == second.json()
    assert second.headers["ETag"] == '"2"'


async def test_appointments_are_found_by_area_person_role_and_day(
    client: httpx.AsyncClient,
) -> None:
    made = (await an_appointment(client, ends_on="2026-04-01")).json()
    await an_appointment(client, area=STIRLING)
    for query, count in (
        (f"area={FIFE}", 1),
        (f"person={made['person']}", 1),
        ("role=link-inspector", 2),
        ("on=2026-03-31", 2),
        ("on=2026-04-01", 1),
        ("role=relationship-manager-elc", 0),
    ):
        answer = await client.get(f"/appointments?{query}", headers=INSPECTOR)
        assert len(answer.json()["items"]) == count, query


async def test_a_person_is_shown_with_what_they_were_appointed_to(
    client: httpx.AsyncClient,
) -> None:
    made = (await an_appointment(client)).json()
    person = (await client.get(f"/people/{made['person']}", headers=INSPECTOR)).json()
    assert (person["name"], person["specialism"]) == ("Isla Test", "justice")
    assert [each["id"] for each in person["appointments"]] == [made["id"]]
    assert (await client.get("/people/nobody", headers=INSPECTOR)).status_code == 404
    assert len((await client.get("/people", headers=INSPECTOR)).json()["items"]) == 1


async def test_a_person_is_corrected_and_keeps_their_appointments(
    client: httpx.AsyncClient,
) -> None:
    made = (await an_appointment(client)).json()
    path = f"/people/{made['person']}"
    body = {"name": "Isla Again", "mailbox": "again@example.org"}
    assert (await client.put(path, json=body, headers=SUPPORT)).status_code == 428
    assert (await client.put(path, json=body, headers=INSPECTOR)).status_code == 403
    changed = await client.put(path, json=body, headers=SUPPORT | {"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    again = await client.put(path, json=body, headers=SUPPORT | {"If-Match": '"1"'})
    assert again.status_code == 412
    area = (await client.get(f"/areas/{FIFE}?on=2026-03-03", headers=INSPECTOR)).json()
    assert area["link_inspector"]["mailbox"] == "again@example.org"


async def test_a_person_is_found_by_the_account_they_sign_in_with(
    client: httpx.AsyncClient,
) -> None:
    body = {"name": "Isla Test", "mailbox": "isla@example.org", "signs_in_as": "auth0|isla"}
    made = (await post(client, "/people", body)).json()
    await a_person(client)
    assert made["signs_in_as"] == "auth0|isla"
    path = "/people?signs_in_as=auth0|isla&signs_in_as=nobody"
    assert (await client.get(path, headers=INSPECTOR)).json()["items"] == [made]
    assert (await client.get("/people?signs_in_as=ISLA", headers=SUPPORT)).json()["items"] == []
    assert (await client.get(path, headers=as_("notifier", areas=[FIFE]))).status_code == 403
    assert (await client.get(path, headers=as_("operator"))).status_code == 403


async def test_an_account_belongs_to_one_person_and_can_be_changed(
    client: httpx.AsyncClient,
) -> None:
    body = {"name": "Isla Test", "mailbox": "isla@example.org", "signs_in_as": "sub-1"}
    assert (await post(client, "/people", body)).status_code == 201
    other = f"/people/{await a_person(client)}"
    for refused in (
        await post(client, "/people", body),
        await client.put(other, json=body, headers=SUPPORT | {"If-Match": '"1"'}),
    ):
        assert refused.status_code == 409
        (error,) = refused.json()["errors"]
        assert error["field"] == "signs_in_as"
        assert "sub-1" not in refused.text
    body["signs_in_as"] = "sub-2"
    changed = await client.put(other, json=body, headers=SUPPORT | {"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["signs_in_as"]) == (200, "sub-2")
    assert (await client.get(other, headers=INSPECTOR)).json()["signs_in_as"] == "sub-2"


async def test_coverage_shows_gaps_before_they_bite(client: httpx.AsyncClient) -> None:
    await an_appointment(client, ends_on="2026-05-01")
    answer = await client.get("/coverage?from=2026-04-01&to=2026-06-01", headers=INSPECTOR)
    gaps = [
        gap
        for gap in answer.json()["gaps"]
        if (gap["area"], gap["role"]) == (FIFE, "link-inspector")
    ]
    assert gaps == [
        {"area": FIFE, "role": "link-inspector", "from": "2026-05-01", "until": "2026-06-01"}
    ]
    load = answer.json()["loads"][0]
    assert (load["name"], load["signs_in_as"], load["most"], load["posts"]) == (
        "Isla Test",
        None,
        1,
        [{"area": FIFE, "role": "link-inspector"}],
    )
    today = await client.get("/coverage", headers=INSPECTOR)
    assert len(today.json()["gaps"]) == 32 * 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-04-01", "to"),
        ("to=2026-04-01", "from"),
        ("from=2026-04-01&to=2026-04-01", "to"),
        ("from=2020-01-01&to=2040-01-01", "to"),
        ("from=2026-04-01&to=2026-05-01&on=2026-04-01", "on"),
        ("on=9999-12-31", "on"),
    ],
)
async def test_a_period_makes_sense_or_is_refused(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await client.get(f"/coverage?{query}", headers=SUPPORT)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_link_activities_are_for_the_inspectors_of_the_area(
    client: httpx.AsyncClient,
) -> None:
    body = {
        "area": FIFE,
        "key_area": "public-protection",
        "happened_on": "2026-03-02",
        "text": "Met the chief officers.",
    }
    written = await client.post("/link-activities", json=body, headers=INSPECTOR)
    assert written.status_code == 201
    elsewhere = as_("strategic-inspector", areas=[STIRLING])
    refused = await client.post("/link-activities", json=body, headers=elsewhere)
    assert refused.status_code == 404
    path = f"/link-activities?area={FIFE}"
    assert (await client.get(path, headers=INSPECTOR)).json()["items"] == [written.json()]
    assert (await client.get(path, headers=elsewhere)).status_code == 404
    assert (await client.get(path, headers=as_("notifier", areas=[FIFE]))).status_code == 403
    key_areas = await client.get("/key-areas", headers=INSPECTOR)
    assert len(key_areas.json()) == 6


async def test_organisations_are_found_by_kind_and_area(
    client: httpx.AsyncClient, database_url: str
) -> None:
    await load_sample(database_url, RING)
    query = f"kind=child-protection-committee&area={STIRLING}"
    found = (await client.get(f"/organisations?{query}", headers=INSPECTOR)).json()["items"]
    assert [[cover["area"] for cover in each["covers"]] for each in found] == [
        ["S12000005", STIRLING]
    ]
    partnerships = await client.get(
        "/organisations?kind=health-and-social-care-partnership", headers=INSPECTOR
    )
    assert len(partnerships.json()["items"]) == 31


@pytest.mark.parametrize("role", ["notifier", "strategic-inspector", "operator", "auditor"])
async def test_only_support_and_the_chief_inspector_appoint(
    client: httpx.AsyncClient, role: str
) -> None:
    answer = await client.post("/appointments", json={}, headers=as_(role, areas=[FIFE]))
    assert answer.status_code == 403
    assert (await client.post("/appointments", json={})).status_code == 401


@pytest.mark.parametrize(
    "path", ["/areas", f"/areas/{FIFE}", "/organisations", "/people", "/coverage", "/appointments"]
)
async def test_nothing_is_answered_without_a_token(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 401
    assert answer.headers["X-Trace-Id"]


async def test_the_routes_are_documented_with_their_answers(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/schema/openapi.json")).json()
    made = schema["paths"]["/appointments"]["post"]["responses"]
    assert "application/json" in made["201"]["content"]
    assert "application/problem+json" in made["409"]["content"]
    ended = schema["paths"]["/appointments/{appointment_id}/end"]["post"]
    assert {"412", "428"} <= ended["responses"].keys()
    assert ended["description"].startswith("Give an appointment an end")
