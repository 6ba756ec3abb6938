"""Names that people put into addresses are written down nowhere."""

import pytest

from shared.web.shown_path import shown_address, shown_path
from tests.access_kit import as_
from tests.shared.web_kit import SAMPLE_ROUTES, app_of, client_of
from tests.tracing import recorded

NAME = "Zebedee Nonesuch"
ONE, TIMELINE = "/cases/{reference}", "/cases/{reference}/timeline"


@pytest.mark.parametrize(
    ("path", "template", "shown"),
    [
        ("/cases/SS-2026-5W5RXFCJ", ONE, "/cases/SS-2026-5W5RXFCJ"),
        ("/areas/S12000047", "/areas/{gss_code}", "/areas/S12000047"),
        ("/cases/Zebedee Nonesuch/timeline", TIMELINE, "/cases/-/timeline"),
        ("/cases/1911-03-17", ONE, "/cases/-"),
        ("/coverage", "/coverage", "/coverage"),
        ("/zebedee", None, "/-"),
    ],
)
def test_only_our_own_ids_are_shown(path: str, template: str | None, shown: str) -> None:
    assert shown_path(path, template) == shown


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (b"/cases/SS-2026-5W5RXFCJ/timeline?cursor=x", "/cases/SS-2026-5W5RXFCJ/timeline"),
        (b"/notifications/Zebedee%20Nonesuch", "/notifications/-"),
        (b"/areas/S12000047?on=2026-01-01", "/areas/S12000047"),
        (b"/notifications/x/Zebedee%2FNonesuch", "/notifications/-/-"),
    ],
)
def test_addresses_that_we_ask_show_no_more(asked: bytes, shown: str) -> None:
    assert shown_address(asked) == shown


async def test_a_name_in_an_address_is_in_no_span_and_no_problem() -> None:
    with recorded() as recorder:
        async with client_of(app_of(*SAMPLE_ROUTES)) as client:
            for path in (f"/things/{NAME}", f"/{NAME}", f"/things/{NAME}/{NAME}"):
                answer = await client.get(path, headers=as_("notifier"))
                assert answer.status_code < 400 or "Zebedee" not in answer.text
    assert recorder.spans
    assert not [one for one in recorder.spans if "Zebedee" in one.to_json()]
