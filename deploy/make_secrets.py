"""Write the secrets of one installation: `python -m deploy.make_secrets FOLDER`.

What exists is kept, so that running it again only adds what a later version needs. What others
issue (the identity provider's client secrets, the mail relay's URL) is named, and left to a person.
"""

import secrets
import sys
from base64 import b64encode
from pathlib import Path

from deploy.certificates import issue

SERVICES = ("intake", "deadlines", "directory", "inspections", "console")
ACCOUNTS = ("broker", "admin", "intake", "deadlines", "directory", "inspections")
BROKERS = ("kafka-1", "kafka-2", "kafka-3")
ISSUED_BY_OTHERS = (*(f"{service}_oidc_client_secret" for service in SERVICES), "mail_url")


def make_secrets(folder: Path) -> list[str]:
    """Write what is missing and name it; files are readable by containers, the folder is not."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    missing = {name: text for name, text in fresh().items() if not (folder / name).exists()}
    # A certificate without its authority, or the other way round, is of no use to anybody.
    if {"kafka_tls", "kafka_ca"} & missing.keys():
        missing |= {"kafka_ca": "", "kafka_tls": ""}
        missing["kafka_ca"], missing["kafka_tls"] = issue(BROKERS)
    for name, text in missing.items():
        _write(folder / name, text)
    return sorted(missing)


def fresh() -> dict[str, str]:
    """New values for everything that may be chosen by chance."""
    databases = {f"{name}_database_url": _database_url(name) for name in SERVICES}
    accounts = {f"kafka_account_{name}": _password() for name in ACCOUNTS}
    return {
        "postgres_password": _password(),
        **databases,
        **accounts,
        "kafka_ca": "",
        "kafka_tls": "",
        "traces_token": _password(),
        **{f"{service}_field_keys": _key_ring() for service in SERVICES},
    }


def _database_url(service: str) -> str:
    return f"postgresql://{service}:{_password()}@postgres:5432/{service}"


def _password() -> str:
    """Chosen from characters that mean nothing in a URL, in SQL or in Kafka's settings."""
    return secrets.token_hex(24)


def _key_ring() -> str:
    """One key, called `k1`; a later one is put before it."""
    return f"k1:{b64encode(secrets.token_bytes(32)).decode()}"


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o444)  # mounted one by one into containers of other users; the folder keeps it


def main(arguments: list[str]) -> int:
    """Write them, and say which are still to come from elsewhere."""
    folder = Path(*arguments[:1] or ["secrets"])
    made = make_secrets(folder)
    print(f"{folder}: wrote {len(made)} secrets")
    waiting = [name for name in ISSUED_BY_OTHERS if not (folder / name).exists()]
    if waiting:
        print("to be written by you, as the identity provider and the mail relay say: ")
        print("  " + ", ".join(waiting))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
