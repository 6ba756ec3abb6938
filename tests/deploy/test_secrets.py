"""One command writes the secrets of an installation, once."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from deploy.make_secrets import BROKERS, fresh, main, make_secrets
from shared.confidential.fields import FieldCipher
from shared.settings import ServiceSettings


def test_everything_is_written_once(tmp_path: Path) -> None:
    made = make_secrets(tmp_path / "secrets")
    before = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert made == sorted(fresh())
    assert make_secrets(tmp_path / "secrets") == []
    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == before


def test_what_is_missing_is_added_and_the_rest_kept(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    kept = (tmp_path / "postgres_password").read_text()
    (tmp_path / "intake_field_keys").unlink()
    assert make_secrets(tmp_path) == ["intake_field_keys"]
    assert (tmp_path / "postgres_password").read_text() == kept


def test_the_folder_is_closed_to_others(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_no_two_are_alike(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    values = [file.read_text() for file in tmp_path.iterdir()]
    assert len(set(values)) == len(values)


def test_what_others_issue_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    assert "console_oidc_client_secret" in capsys.readouterr().out


def test_the_brokers_certificate_is_good_for_each_of_them(
    tmp_path: Path,
) -> None:
    make_secrets(tmp_path)
    text = (tmp_path / "kafka_tls").read_bytes()
    leaf = x509.load_pem_x509_certificate(text)
    authority = x509.load_pem_x509_certificate((tmp_path / "kafka_ca").read_bytes())
    leaf.verify_directly_issued_by(authority)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert tuple(names.get_values_for_type(x509.DNSName)) == BROKERS
    assert load_pem_private_key(text, None).public_key() == leaf.public_key()


def test_the_field_keys_are_a_ring() -> None:
    cipher = FieldCipher(fresh()["intake_field_keys"])
    sealed = cipher.encrypt("a value", "a.column/1")
    assert cipher.decrypt_text(sealed, "a.column/1") == "a value"


def test_a_secret_file_is_read_like_a_variable_and_the_variable_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scrutiny_database_url").write_text("postgresql://a:b@c/d\n")
    (tmp_path / "scrutiny_oidc_issuer").write_text("https://file.example.org")
    monkeypatch.setenv("SCRUTINY_OIDC_ISSUER", "https://variable.example.org")
    settings = ServiceSettings(service="intake", _secrets_dir=tmp_path)  # pyright: ignore[reportCallIssue] - read from outside
    assert settings.database_url.get_secret_value() == "postgresql://a:b@c/d"
    assert settings.oidc_issuer == "https://variable.example.org"
