"""Bearer tokens for the command line, signed with the development issuer's key."""

import time
from collections.abc import Sequence

from deploy.local.failures import NotRunning, StackFailure
from deploy.local.home import Home, read_json

AUDIENCE = "strategic-scrutiny"
LIFETIME_SECONDS = 8 * 3600
ROLES = (
    "notifier",
    "strategic-inspector",
    "support-officer",
    "chief-inspector",
    "operator",
    "auditor",
)
# These see only the areas they are named for, so a token without any would open nothing.
NEED_AREAS = ("notifier", "strategic-inspector")


def mint(home: Home, role: str, areas: Sequence[str] = (), organisation: str | None = None) -> str:
    """One token for a sample person with `role` in `areas` (none: all of Scotland)."""
    _refuse_nonsense(role, areas)
    key_file = home.keys / "issuer.json"
    if not key_file.exists():
        raise NotRunning(f"There are no keys in {home.folder} yet: start the system first.")
    from joserfc import jwt
    from joserfc.jwk import import_key

    key = import_key(read_json(key_file)["keys"][0])
    header = {"alg": key.alg or "ES256", "kid": key.kid}
    return jwt.encode(header, _claims(home, role, areas, organisation), key)


def _claims(
    home: Home, role: str, areas: Sequence[str], organisation: str | None
) -> dict[str, object]:
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": home.ports().issuer,
        "aud": AUDIENCE,
        "sub": f"command-line:{role}",
        "name": f"Sample {role.replace('-', ' ')}",
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "roles": [role],
        "areas": list(areas) or "*",
    }
    return claims | ({"organisation": organisation} if organisation else {})


def _refuse_nonsense(role: str, areas: Sequence[str]) -> None:
    if role not in ROLES:
        raise StackFailure(f"There is no role {role!r}: choose one of {', '.join(ROLES)}.")
    if role in NEED_AREAS and not areas:
        raise StackFailure(
            f"A {role} sees only named areas: add at least one, for example --area S12000047."
        )
    for area in areas:
        if not (len(area) == 9 and area.startswith("S") and area[1:].isdigit()):
            raise StackFailure(
                f"{area!r} is not an area code: S and eight digits, as in S12000047."
            )
