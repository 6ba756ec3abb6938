"""The issuer's four doors: discovery, keys, the page of sample people, and tokens."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlencode

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.entrypoints.forms import asked, small_form
from services.console.entrypoints.render import html
from services.console.issuer.codes import LIFETIME, Codes, Grant
from services.console.issuer.issuer import SERVICE_TOKEN_SECONDS, Issuer
from services.console.issuer.people import PEOPLE
from shared.access.guards import loopback_only
from shared.clock import Clock
from shared.errors import FieldError, Invalid

AnyRequest = Request[Any, Any, Any]


def issuer_routes(issuer: Issuer, clock: Clock, codes: Codes) -> Sequence[HTTPRouteHandler]:
    """Everything under `/issuer`; each answers this machine only."""

    @get(
        "/issuer/.well-known/openid-configuration", guards=[loopback_only], include_in_schema=False
    )
    async def discovery() -> dict[str, Any]:
        return _discovery(issuer)

    @get("/issuer/jwks", guards=[loopback_only], include_in_schema=False)
    async def jwks() -> dict[str, Any]:
        return issuer.public_keys()

    @get("/issuer/authorize", guards=[loopback_only], include_in_schema=False)
    async def choose(request: AnyRequest) -> Response[str]:
        wanted = _checked(issuer, asked(request))
        return html(request, "issuer.html", people=PEOPLE.values(), asked=wanted)

    @post("/issuer/authorize", guards=[loopback_only], include_in_schema=False)
    async def chosen(request: AnyRequest) -> Redirect:
        form = await small_form(request)
        wanted = _checked(issuer, form)
        if form.get("person") not in PEOPLE:
            raise Invalid(FieldError("person", "is not one of the sample people"))
        code = codes.give(_grant(wanted, form["person"], clock()))
        query = urlencode({"code": code, "state": wanted["state"], "iss": issuer.name})
        return Redirect(f"{issuer.redirect_uri}?{query}", status_code=303)

    @post("/issuer/token", guards=[loopback_only], include_in_schema=False, status_code=200)
    async def token(request: AnyRequest) -> Response[dict[str, Any]]:
        return _token(issuer, codes, await small_form(request), _credentials(request), clock())

    return [discovery, jwks, choose, chosen, token]


def _discovery(issuer: Issuer) -> dict[str, Any]:
    return {
        "issuer": issuer.name,
        "authorization_endpoint": f"{issuer.name}/authorize",
        "token_endpoint": f"{issuer.name}/token",
        "jwks_uri": f"{issuer.name}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
        "scopes_supported": ["openid"],
        "authorization_response_iss_parameter_supported": True,
    }


def _checked(issuer: Issuer, given: Mapping[str, str]) -> dict[str, str]:
    """The request, once it is known to come from our own console; nobody is sent elsewhere."""
    rules = {
        "client_id": (given.get("client_id") == "console", "is not a client known here"),
        "redirect_uri": (
            given.get("redirect_uri") == issuer.redirect_uri,
            "is not where this client receives people",
        ),
        "response_type": (given.get("response_type") == "code", "must be code"),
        "code_challenge_method": (given.get("code_challenge_method") == "S256", "must be S256"),
        "code_challenge": (len(given.get("code_challenge", "")) == 43, "must be a S256 challenge"),
        "state": (bool(given.get("state")), "is required"),
    }
    if wrong := [FieldError(name, rule) for name, (fits, rule) in rules.items() if not fits]:
        raise Invalid(*wrong)
    return {name: given.get(name, "") for name in (*rules, "nonce")}


def _grant(wanted: Mapping[str, str], person: str, now: datetime) -> Grant:
    return Grant(
        person=person,
        client=wanted["client_id"],
        redirect_uri=wanted["redirect_uri"],
        challenge=wanted["code_challenge"],
        nonce=wanted["nonce"],
        until=now + LIFETIME,
    )


def _token(
    issuer: Issuer,
    codes: Codes,
    form: Mapping[str, str],
    credentials: tuple[str, str],
    now: datetime,
) -> Response[dict[str, Any]]:
    client, secret = credentials
    if not issuer.is_client(client, secret):
        return _refusal("invalid_client", 401)
    if form.get("grant_type") == "client_credentials":
        return _answer(issuer.service_token(client, now), SERVICE_TOKEN_SECONDS)
    if form.get("grant_type") != "authorization_code":
        return _refusal("unsupported_grant_type")
    grant = codes.take(
        form.get("code", ""),
        client=client,
        redirect_uri=form.get("redirect_uri", ""),
        verifier=form.get("code_verifier", ""),
        now=now,
    )
    if grant is None:
        return _refusal("invalid_grant")
    person = PEOPLE[grant.person]
    id_token = issuer.id_token(person, client, grant.nonce, now)
    return _answer(issuer.person_token(person, now), issuer.token_seconds, id_token=id_token)


def _credentials(request: AnyRequest) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (NotBase64, ValueError):
        return "", ""
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    return unquote(client), unquote(secret)


def _answer(token: str, seconds: int, **more: str) -> Response[dict[str, Any]]:
    told = {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
    return Response(told | more)


def _refusal(error: str, status: int = 400) -> Response[dict[str, Any]]:
    return Response({"error": error}, status_code=status)
