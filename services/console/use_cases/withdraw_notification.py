"""Withdraw what turned out not to be notifiable."""

from collections.abc import Mapping

from services.console.apis import Apis
from services.console.domain.refusals import at_reason
from services.console.use_cases.acting_on_case import reason_of, sent


async def withdraw_notification(
    apis: Apis, token: str, reference: str, form: Mapping[str, str]
) -> None:
    """Asked of intake, as the person who decides it."""
    body = reason_of(form)
    await sent(apis, token, (reference, "withdrawals"), body, form, (at_reason, {}))
