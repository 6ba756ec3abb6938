"""What OpenAPI says of intake's routes and their signatures do not: answers and forms."""

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIType

from services.intake.entrypoints.handed_in import MOST_FILES
from shared.web.openapi import PostOperation

BYTES = "application/octet-stream"


def made(body: Any, what: str) -> dict[int, ResponseSpec]:
    """The answer of a POST that made something; a repeat of it gets the same."""
    return {201: ResponseSpec(body, generate_examples=False, description=what)}


@dataclass
class FileOperation(Operation):
    """A GET that answers a file, byte for byte."""

    def __post_init__(self) -> None:
        """Document bytes instead of JSON."""
        file = OpenAPIMediaType(schema=Schema(content_media_type=BYTES))
        told = OpenAPIResponse(description="The file, to be saved", content={BYTES: file})
        self.responses = {**(self.responses or {}), "200": told}


@dataclass
class FormOperation(PostOperation):
    """A POST whose body is a form: a text field, why it is late, and any number of files."""

    FIELD: ClassVar[str]
    SAYS: ClassVar[str]
    LATE: ClassVar[str]

    def __post_init__(self) -> None:
        """Document the form beside the header."""
        super().__post_init__()
        file = Schema(type=OpenAPIType.STRING, content_media_type=BYTES)
        form = Schema(
            type=OpenAPIType.OBJECT,
            required=[self.FIELD],
            properties={
                self.FIELD: Schema(type=OpenAPIType.STRING, description=self.SAYS),
                "late_reason": Schema(type=OpenAPIType.STRING, description=self.LATE),
                "attachment": Schema(type=OpenAPIType.ARRAY, items=file, max_items=MOST_FILES),
            },
        )
        self.request_body = RequestBody(
            content={"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True
        )


@dataclass
class ReportForm(FormOperation):
    """The form of a report."""

    FIELD = "stage"
    SAYS = "What is handed in, as `GET /kinds` names the stages of the kind."
    LATE = "Why it is late; `GET /kinds` says after how many days a stage requires it."


@dataclass
class AddendumForm(FormOperation):
    """The form of an addendum."""

    FIELD = "submission"
    SAYS = "The id of the submission that is corrected."
    LATE = "Why the original was late, where that was not said with it, or wrongly."
