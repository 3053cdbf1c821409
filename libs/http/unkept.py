"""Answers that nobody keeps: they are of a person, or of this moment."""

from pydantic_core import to_json
from starlette.responses import Response


def unkept(body: object, status: int = 200, *, version: object = None) -> Response:
    """The body as JSON, with an entity tag where it has a version. Raises `PydanticSerializationError` for what JSON
    can't say.
    """
    etag = {} if version is None else {"ETag": f'"{version}"'}
    return Response(to_json(body), status, {"Cache-Control": "no-store", **etag}, "application/json")
