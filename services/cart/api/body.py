"""Bodies of requests: read up to a limit, then validated as JSON, of one thing or of many rows.

FastAPI's own way reads a body whole, whoever sends it; here it is read once it is known who calls, and no further than
the endpoint's limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Depends
from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.requests import Request

from libs.http.body import body_within
from libs.http.problems import fault_of
from services.cart.domain.limits import MAX_BULK_BODY
from services.cart.domain.stock.bulk import RowFault, Rows

B = TypeVar("B", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)


async def parsed(request: Request, model: type[B], limit: int) -> B:
    """The body as `model`. Raises `Problem` 413, or `pydantic.ValidationError` for the handler that words it."""
    return model.model_validate_json(await body_within(request, limit))


@dataclass(frozen=True, slots=True)
class Bulk(Generic[R]):
    """The rows of a body, and the `body` as a model, to be told from another one."""

    rows: Rows[R]
    body: BaseModel


async def bulk_of(request: Request, whole: type[BaseModel], row: type[R], member: str) -> Bulk[R]:
    """The rows in `member` of a body that should be a `whole`.

    Raises `Problem` 413; raises `pydantic.ValidationError` where the body is wrong as such, or every row is.
    """
    body = await body_within(request, MAX_BULK_BODY)
    try:
        right = whole.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        faulty = {index for one in found if (index := _row(one, member)) is not None}
        raw = from_json(body) if faulty and all(_row(one, member) is not None for one in found) else None
        if raw is None or len(faulty) == len(raw[member]):
            raise
        numbers = [index for index in range(len(raw[member])) if index not in faulty]
        given = [row.model_validate(raw[member][index]) for index in numbers]
        return Bulk(Rows(member, given, numbers, _faults(found)), RootModel[object](raw))
    given = getattr(right, member)
    return Bulk(Rows(member, given, range(len(given))), right)


class JsonBody(Generic[B]):
    """A dependency that reads the body as `model`; the document shows it as `shown`."""

    def __init__(self, model: type[B], limit: int, shown: type[BaseModel]) -> None:
        self._model, self._limit, self.shown = model, limit, shown

    async def __call__(self, request: Request) -> B:
        """Raises as `parsed` does."""
        return await parsed(request, self._model, self._limit)


class BulkBody(Generic[R]):
    """A dependency that reads the rows in `member` of a body; the document shows it as `shown`."""

    def __init__(self, shown: type[BaseModel], row: type[R], member: str) -> None:
        self.shown, self._row, self._member = shown, row, member

    async def __call__(self, request: Request) -> Bulk[R]:
        """Raises as `bulk_of` does."""
        return await bulk_of(request, self.shown, self._row, self._member)


def json_body(model: type[BaseModel], limit: int, shown: type[BaseModel] | None = None) -> Any:  # noqa: ANN401 - as Depends
    """Has an endpoint get its body as `model`, of at most `limit` bytes; who calls goes before it."""
    return Depends(JsonBody(model, limit, shown or model))


def bulk_body(whole: type[BaseModel], row: type[BaseModel], member: str) -> Any:  # noqa: ANN401 - as Depends
    """Has an endpoint get the rows in `member` of a body that should be a `whole`, as a `Bulk`."""
    return Depends(BulkBody(whole, row, member))


def _row(error: ErrorDetails, member: str) -> int | None:
    place = error["loc"]
    return place[1] if len(place) > 1 and place[0] == member and isinstance(place[1], int) else None


def _faults(errors: Sequence[ErrorDetails]) -> list[RowFault]:
    faults = [(error["loc"][1], fault_of(error)) for error in errors]
    return [RowFault(int(index), "invalid", fault["pointer"], fault["detail"]) for index, fault in faults]
