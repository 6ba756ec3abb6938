"""The console's background work: wiring only."""

from services.console.settings import Settings
from services.console.use_cases.tidy import tidy
from shared.clock import utc_now
from shared.database import Database
from shared.timer import Timer

TIDY_SECONDS = 60.0


class ConsoleWorker:
    """Forgets old spans and ended sessions; the console sends and reads no messages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(
            settings.database_url.get_secret_value(), pool_size=2, name="console-worker"
        )
        self._timer = Timer("tidy", TIDY_SECONDS, self._tidy)

    async def start(self) -> None:
        """Begin; waits for nothing."""
        await self._timer.start()

    async def stop(self) -> None:
        """Stop where it is: what was not forgotten is forgotten next time."""
        await self._timer.stop()
        await self._database.dispose()

    async def _tidy(self) -> None:
        kept = self._settings
        async with self._database.session() as session:
            await tidy(session, utc_now(), kept.traces_keep_days, kept.traces_keep_spans)


def build_worker(settings: Settings) -> ConsoleWorker:
    """One per process; several do no harm to each other."""
    return ConsoleWorker(settings)
