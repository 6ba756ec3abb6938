"""Record that the chief officers group ratified a review."""

from collections.abc import Mapping

from services.console.apis import Apis
from services.console.domain.entered import instant_of
from services.console.use_cases.acting_on_case import sent
from shared.errors import FieldError, Invalid

_BETTER = {
    "must not be in the future": "It cannot have been ratified in the future.",
    "must not be before": "It cannot have been ratified before it happened.",
}


async def ratify_review(apis: Apis, token: str, reference: str, form: Mapping[str, str]) -> None:
    """Asked of intake, as the person who records it; now, where no time is given."""
    given = form.get("at", "").strip()
    try:
        body = {"at": instant_of(given) if given else None}
    except ValueError as error:
        raise Invalid(FieldError("at", str(error))) from error
    await sent(apis, token, (reference, "ratifications"), body, form, (lambda _: "at", _BETTER))
