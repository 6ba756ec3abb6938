"""Files in forms are read as they arrive, whatever their size and however they are cut."""

from typing import Any

import pytest
from litestar import Request, post

from shared.access.guards import allow
from shared.access.principal import Role
from shared.web.uploads import parts
from tests.access_kit import as_
from tests.shared.web_kit import app_of, client_of


@post("/forms", guards=[allow(Role.NOTIFIER)], request_max_body_size=5_000_000, status_code=200)
async def read_form(request: Request[Any, Any, Any]) -> list[list[Any]]:
    found: list[list[Any]] = []
    async for part in parts(request):
        if part.filename is None:
            found.append([part.name, await part.text()])
        elif part.name != "skipped":
            size = sum([len(chunk) async for chunk in part.chunks])
            found.append([part.name, part.filename, part.content_type, size])
    return found


async def send(**given: Any) -> Any:
    async with client_of(app_of(read_form)) as client:
        headers = as_(Role.NOTIFIER) | given.pop("headers", {})
        return await client.post("/forms", headers=headers, **given)


async def test_fields_and_files_come_in_order() -> None:
    files = [
        ("skipped", ("s.bin", b"x" * 300_000)),
        ("attachment", ("report é.pdf", b"y" * 2_000_000, "application/pdf")),
    ]
    response = await send(data={"stage": "part one ✓"}, files=files)
    assert response.json() == [
        ["stage", "part one ✓"],
        ["attachment", "report é.pdf", "application/pdf", 2_000_000],
    ]


FORM = {"Content-Type": "multipart/form-data; boundary=b"}
PART = b'--b\r\nContent-Disposition: form-data; name="stage"\r\n\r\n'


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({"Content-Type": "multipart/form-data"}, b"", 415),
        (FORM, b"", 400),
        (FORM, b"nonsense", 400),
        (FORM, PART + b"cut off", 400),
        (FORM, b"--b\r\nX: y\r\n\r\nz\r\n--b--\r\n", 400),
        (FORM, b"--b\r\nX: " + b"y" * 5000 + b"\r\n\r\nz\r\n--b--\r\n", 400),
        (FORM, PART + b"\xff\r\n--b--\r\n", 422),
        (FORM, PART + b"x" * 11_000 + b"\r\n--b--\r\n", 422),
        (FORM, PART + b"x" * 5_000_001 + b"\r\n--b--\r\n", 413),
        (FORM, (PART + b"x\r\n") * 51 + b"--b--\r\n", 400),
        (FORM, PART + b"x\r\n--b--\r\n", 200),
    ],
)
async def test_a_form_that_is_not_whole_is_refused(
    headers: dict[str, str], body: bytes, status: int
) -> None:
    response = await send(headers=headers, content=body)
    assert response.status_code == status
    if status != 200:
        assert response.headers["content-type"] == "application/problem+json"
