"""The calendars that one process has read, which everything in it counts by."""

from services.deadlines.domain.calendar import Calendars


class CalendarShelf:
    """The calendars as last read, and how far that was; replaced whole, never changed."""

    def __init__(self, calendars: Calendars, generation: int = 0) -> None:
        self.current = calendars
        self.generation = generation

    def put(self, calendars: Calendars, generation: int) -> None:
        """Put newer calendars in the place of the ones here."""
        if generation > self.generation:
            self.current, self.generation = calendars, generation
