"""The secrets of a local system: made once, at its first start, and kept in `keys/`."""

import secrets
from base64 import b64encode
from pathlib import Path
from typing import Any

from deploy.local.addresses import PARTNERS, SERVICES
from deploy.local.failures import DamagedFolder
from deploy.local.home import Home, read_json, write_json


def ensure_keys(home: Home) -> None:
    """Makes what is missing; never makes new field keys for data that old ones encrypted."""
    _ensure_issuer(home.keys)
    if not field_keys_file(home).exists() and (home.postgres / "data").exists():
        raise DamagedFolder(
            f"{field_keys_file(home)} is missing, and the data cannot be read without it: put it "
            "back from a copy, or run `scrutiny reset` to begin again without the data."
        )
    _ensure(field_keys_file(home), SERVICES, _field_keys)
    _ensure(home.keys / "clients.json", SERVICES, _password)
    _ensure(home.keys / "databases.json", SERVICES, _password)
    _ensure(home.keys / "partners.json", PARTNERS, _password)


def field_keys_file(home: Home) -> Path:
    """Where the keys of the personal fields are, service by service."""
    return home.keys / "field-keys.json"


def secret_of(home: Home, kind: str, name: str) -> str:
    """One entry of one key file."""
    found = read_json(home.keys / f"{kind}.json")
    if name not in found:
        raise DamagedFolder(f"{home.keys / kind}.json is damaged: it says nothing about {name}.")
    return found[name]


def _ensure(path: Path, names: tuple[str, ...], make: Any) -> None:
    known = read_json(path)
    if missing := [name for name in names if name not in known]:
        write_json(path, known | {name: make(name) for name in missing})


def _field_keys(_service: str) -> str:
    return f"k1:{b64encode(secrets.token_bytes(32)).decode()}"


def _password(_name: str) -> str:
    return secrets.token_urlsafe(24)


def _ensure_issuer(keys: Path) -> None:
    private, public = keys / "issuer.json", keys / "jwks.json"
    if private.exists() and public.exists() and read_json(private) and read_json(public):
        return
    # Imported here: needed once in the life of a folder.
    from joserfc.jwk import ECKey, KeySet

    if not private.exists():
        made = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True)
        made.ensure_kid()
        write_json(private, {"keys": [made.as_dict(private=True)]})
    known = KeySet.import_key_set(read_json(private))  # pyright: ignore[reportArgumentType]
    write_json(public, dict(known.as_dict(private=False)))
