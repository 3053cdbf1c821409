"""Answers that nobody keeps: they are of a person, or of this moment."""

from pydantic_core import to_json
from starlette.responses import Response


def unkept(body: object) -> Response:
    """A 200 with the body as JSON. Raises `PydanticSerializationError` for what JSON can't say."""
    return Response(to_json(body), 200, {"Cache-Control": "no-store"}, "application/json")
