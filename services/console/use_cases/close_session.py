"""Sign somebody out."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.console.storage import sessions


async def close_session(session: AsyncSession, key: str | None) -> None:
    """Their cookie opens nothing from here on."""
    if key is not None:
        await sessions.end_session(session, key)
