"""The forms in which a text may lie about without being readable at first sight."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from functools import cache

Piece = tuple[str, bytes]
_HEX_RUN = re.compile(rb"\\x((?:[0-9a-f]{2})+)")

DISGUISES: dict[str, Callable[[str], Iterable[bytes]]] = {
    "as it is": lambda text: [text.encode(), text.upper().encode(), text.lower().encode()],
    "in wide characters": lambda text: [text.encode("utf-16-le"), text.encode("utf-16-be")],
    "in hex": lambda text: _each(text, "{:02x}", "{:02X}"),
    "percent-encoded": lambda text: _each(text, "%{:02x}", "%{:02X}"),
    "escaped": lambda text: _each(text, r"\u{:04x}", r"\u{:04X}", r"\x{:02x}", r"\{:03o}"),
    "as entities": lambda text: _each(text, "&#{};", "&#x{:x};", "&#x{:X};"),
    "quoted-printable": lambda text: _each(text, "={:02X}"),
    "in base64": lambda text: _base64(text.encode()),
}


def disguises(text: str) -> Iterator[bytes]:
    """Every form of a text."""
    for made in DISGUISES.values():
        yield from made(text)


def found(pieces: Iterable[Piece], *texts: str) -> list[str]:
    """Where any of the texts is, in any form; what PostgreSQL dumps as hex is read as bytes too."""
    wanted = _search(texts)
    return [
        where
        for where, content in pieces
        if wanted.search(content) or any(wanted.search(one) for one in _bytes_in(content))
    ]


@cache
def _search(texts: tuple[str, ...]) -> re.Pattern[bytes]:
    forms = {form for text in texts for form in disguises(text)}
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms)))


def _bytes_in(content: bytes) -> Iterator[bytes]:
    return (bytes.fromhex(run.group(1).decode()) for run in _HEX_RUN.finditer(content))


def _each(text: str, *patterns: str) -> list[bytes]:
    return ["".join(pattern.format(ord(one)) for one in text).encode() for pattern in patterns]


def _base64(text: bytes) -> Iterator[bytes]:
    """What base64 of anything around it holds: a text may begin at each of three places."""
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            whole = encode(bytes(before) + text)
            yield whole[-(-before * 8 // 6) : (before + len(text)) * 8 // 6]
