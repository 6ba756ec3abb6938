"""Every error this system raises on purpose, drawn as one tree.

ScrutinyError
├── Refused                     a business "no": the caller can read why and put it right
│   ├── Invalid                 422  named fields break named rules
│   ├── NotAllowed              403  this person may not do this
│   ├── NotFound                404  it does not exist, or does not exist for this person
│   ├── Conflict                409  the thing is in a state that does not allow this
│   ├── Changed                 412  somebody changed it first (If-Match did not match)
│   └── PreconditionMissing     428  a change must say which version it changes
├── Unauthenticated             401  no token, or one that cannot be trusted
└── Unavailable                 503  something this system depends on did not answer in time
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that breaks one rule: `field` is a dotted path, `rule` a plain English sentence."""

    field: str
    rule: str


class ScrutinyError(Exception):
    """The root: `title` is constant per class, `detail` says what happened this time."""

    status = 500
    title = "Something went wrong on our side"

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors

    @classmethod
    def problem_type(cls) -> str:
        """The URN that problem details name this kind of error by, over HTTP and in receipts."""
        words = "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__)
        return f"urn:scrutiny:problem:{words.strip('-')}"


class Refused(ScrutinyError):
    """A business "no"."""

    status = 400
    title = "The request was refused"


class Invalid(Refused):
    """Some fields break a rule; every one that was found is listed."""

    status = 422
    title = "Some of what was sent is not valid"

    def __init__(self, *errors: FieldError) -> None:
        named = "; ".join(f"{error.field}: {error.rule}" for error in errors)
        super().__init__(named, errors)


class NotAllowed(Refused):
    """The caller is known and may not do this."""

    status = 403
    title = "You may not do this"


class NotFound(Refused):
    """It does not exist, or does not exist for this caller: the two are not told apart."""

    status = 404
    title = "There is no such thing, or it is not yours to see"


class Conflict(Refused):
    """The thing is in a state that does not allow this."""

    status = 409
    title = "This cannot be done now"


class Changed(Refused):
    """Somebody changed it since the caller read it."""

    status = 412
    title = "It has changed since you read it"


class PreconditionMissing(Refused):
    """A change must say, with If-Match, which version it changes."""

    status = 428
    title = "Say which version you are changing"


class Unauthenticated(ScrutinyError):
    """No bearer token, or one that cannot be trusted."""

    status = 401
    title = "Sign in first"


class Unavailable(ScrutinyError):
    """A database, broker or other service did not answer in time; trying again later may work."""

    status = 503
    title = "Something this depends on is not answering"
