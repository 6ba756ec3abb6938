"""Whatever is sent to previews and rules, the answer is one that OpenAPI told of."""

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.deadlines.app import build_app
from services.deadlines.settings import Settings
from shared.access.principal import Role
from tests.access_kit import as_, service_settings

NOWHERE = "postgresql://nobody:nothing@127.0.0.1:9/deadlines"
APP = build_app(service_settings(Settings, database_url=NOWHERE))
SCHEMA = schemathesis.openapi.from_asgi("/schema/openapi.json", APP)
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]


@SCHEMA.include(path_regex="^/(previews|rules)").parametrize()
@settings(max_examples=40, deadline=None)
def test_whatever_is_sent_the_answer_is_a_documented_one(case: schemathesis.Case) -> None:
    case.headers.update(as_(Role.NOTIFIER))
    response = case.call()
    assert response.status_code < 500
    case.validate_response(response, checks=CHECKS)
