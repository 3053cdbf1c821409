"""Bodies of many rows: what is wrong with one row is told of that row, and the others are taken."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.requests import Request

from libs.runtime.problems import fault_of
from services.cart.api.requests import body_of
from services.cart.domain.limits import MAX_BULK_BODY
from services.cart.domain.stock.bulk import RowFault, Rows

R = TypeVar("R", bound=BaseModel)


async def rows_of(request: Request, whole: type[BaseModel], row: type[R], member: str) -> tuple[Rows[R], BaseModel]:
    """The rows in `member` of a body that should be a `whole`, and the body as a model, to be told from another one.

    Raises `Problem` 413; raises `pydantic.ValidationError` where the body is wrong as such, or every row is.
    """
    body = await body_of(request, MAX_BULK_BODY)
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
        return Rows(member, given, numbers, _faults(found)), RootModel[object](raw)
    given = getattr(right, member)
    return Rows(member, given, range(len(given))), right


def _row(error: ErrorDetails, member: str) -> int | None:
    place = error["loc"]
    return place[1] if len(place) > 1 and place[0] == member and isinstance(place[1], int) else None


def _faults(errors: Sequence[ErrorDetails]) -> list[RowFault]:
    faults = [(error["loc"][1], fault_of(error)) for error in errors]
    return [RowFault(int(index), "invalid", fault["pointer"], fault["detail"]) for index, fault in faults]
