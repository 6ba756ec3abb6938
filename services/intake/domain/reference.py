"""The public reference of a notification: how everybody speaks of it, on the phone as well."""

import secrets

# Crockford's alphabet: no letter that is taken for a digit, and no U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


def new_reference(year: int) -> str:
    """A reference by chance among 10^12 of its year: it says nothing of anybody, nor how many."""
    chance = secrets.randbits(5 * LENGTH)
    letters = (ALPHABET[chance >> 5 * place & 31] for place in range(LENGTH))
    return f"SS-{year}-{''.join(letters)}"
