"""What a page of deadlines says, as plain text that can be pasted into a letter."""

from collections.abc import Iterable
from datetime import date

from services.console.domain.clock_view import ClockView, Owed, due_words


def letter(title: str, asked_on: date, found: Iterable[Owed]) -> str:
    """The answer for each thing that is owed, how it was counted, and what others say."""
    parts = [title]
    for one in found:
        parts += [_answer(one), one.view.clock["explanation"]["text"], *_others(one)]
    parts.append(f"Worked out on {asked_on.day} {asked_on:%B %Y}.")
    return "\n\n".join(parts)


def one_letter(title: str, asked_on: date, view: ClockView) -> str:
    """The same for one clock that is recorded."""
    return letter(title, asked_on, [Owed(view.clock["obligation"], view, ())])


def spoken(name: str) -> str:
    """A name from the wire as it is written in a sentence."""
    return name.replace("-", " ").replace("_", " ")


def _answer(one: Owed) -> str:
    told = spoken(one.obligation)
    return f"{told[:1].upper()}{told[1:]}: {one.view.due}."


def _others(one: Owed) -> list[str]:
    if not one.view.clock["explanation"]["others"]:
        return []
    told = [
        f"- {other['instrument']} ({other['standing']}): {due_words(other)}."
        for other in one.view.clock["explanation"]["others"]
    ]
    return ["Other official wordings of the same duty:\n" + "\n".join(told)]
