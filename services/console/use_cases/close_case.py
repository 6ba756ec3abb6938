"""Close a case of which nothing more is expected."""

from collections.abc import Mapping

from services.console.apis import Apis
from services.console.domain.refusals import at_reason
from services.console.use_cases.acting_on_case import reason_of, sent


async def close_case(apis: Apis, token: str, reference: str, form: Mapping[str, str]) -> None:
    """Asked of intake, as the person who decides it."""
    body = reason_of(form)
    await sent(apis, token, (reference, "closings"), body, form, (at_reason, {}))
