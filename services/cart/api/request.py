"""Requests as the core wants them: a validated body, of one thing or of many rows, and how the call was made."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.requests import ClientDisconnect, Request

from libs.http.problems import Problem, fault_of
from services.cart.domain.cart_json import TOLD
from services.cart.domain.limits import MAX_BULK_BODY
from services.cart.domain.request import WriteRequest
from services.cart.domain.shopper import SHOPPERS
from services.cart.domain.stock.bulk import RowFault, Rows
from services.cart.domain.tokens import fingerprint

B = TypeVar("B", bound=BaseModel)

ENTITY_TAGS = 'entity tags in double quotes, or "*"'
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_DEVICE = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_ENTITY_TAGS = re.compile(r'\s*(?:(W/)?("[\x21\x23-\x7e\x80-\xff]*")|(\*))\s*(?:,|$)')


async def body_of(request: Request, limit: int) -> bytes:
    """The body. Raises `Problem` 413 as soon as it is known to be longer than `limit` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Problem(400, "incomplete-body", "The connection ended before the body.") from None
    return b"".join(chunks)


async def parsed(request: Request, model: type[B], limit: int) -> B:
    """The body as `model`. Raises `Problem` 413, or `pydantic.ValidationError` for the handler that words it."""
    return model.model_validate_json(await body_of(request, limit))


class WriteRequests:
    """Makes intents of requests. `secret` keys the fingerprints, `datable` lets callers date their changes."""

    def __init__(self, secret: bytes, *, datable: bool) -> None:
        self._secret, self._datable = secret, datable

    def of(
        self, request: Request, store_id: str, caller: str, body: BaseModel | None = None, *, about: str | None = None
    ) -> WriteRequest:
        """How this call was made; `about` is the customer whom its answer may name.

        Raises `Problem` 400 for a header that can't be understood.
        """
        headers = request.headers
        key = headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise _bad_header("Idempotency-Key", "1 to 255 visible ASCII characters")
        device = device_of(request)
        if_match = headers.get("if-match")
        return WriteRequest(
            store_id=store_id,
            caller=caller,
            fingerprint=self._fingerprint(request, body) if key is not None else b"",
            key=key,
            if_match=None if if_match is None else _states(entity_tags(if_match, "If-Match")),
            device=device,
            occurred_at=self._dated(headers.get("x-occurred-at")),
            about=about,
            made_on=_cart_id(headers.get("x-cart-id")),
            request_id=None if caller.startswith(SHOPPERS) else _request_id(headers.get("x-request-id")),
        )

    def _fingerprint(self, request: Request, body: BaseModel | None) -> bytes:
        text = "" if body is None else body.model_dump_json()
        return fingerprint(self._secret, request.method, request.url.path, text)

    def _dated(self, text: str | None) -> datetime | None:
        if text is None:
            return None
        if not self._datable:
            raise _bad_header("X-Occurred-At", "left out: this service dates changes itself")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _bad_header("X-Occurred-At", "a date and time of ISO 8601") from None
        if moment.tzinfo is None:
            raise _bad_header("X-Occurred-At", "a date and time with its zone")
        return moment.astimezone(UTC)


def _cart_id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise _bad_header("X-Cart-Id", "the id of a cart") from None


def _request_id(text: str | None) -> str | None:
    # proxies add it by themselves, in whatever form: no reason to refuse a call
    return text if text is not None and _REQUEST_ID.fullmatch(text) else None


def device_of(request: Request) -> str | None:
    """The name of the device, if it has one. Raises `Problem` 400 for one that can't be."""
    device = request.headers.get("x-device")
    if device is not None and not _DEVICE.fullmatch(device):
        raise _bad_header("X-Device", "1 to 64 characters")
    return device


def _states(tags: frozenset[str]) -> frozenset[str]:
    """The entity tags of the carts alone: notices that came meanwhile are no change of a cart."""
    return frozenset(f'{tag.partition(TOLD)[0]}"' if TOLD in tag else tag for tag in tags)


def entity_tags(text: str, header: str, *, weakly: bool = False) -> frozenset[str]:
    """The entity tags of If-Match, or of If-None-Match, which alone compares `weakly` (RFC 9110, 8.8.3.2)."""
    if not text.strip():
        raise _bad_header(header, ENTITY_TAGS)
    tags, position = set(), 0
    while position < len(text):
        found = _ENTITY_TAGS.match(text, position)
        if found is None:
            raise _bad_header(header, ENTITY_TAGS)
        weak, tag, star = found.groups()
        if weakly or not weak:
            tags.add(tag or star)
        position = found.end()
    return frozenset(tags)


def _too_large(limit: int) -> Problem:
    return Problem(413, "body-too-large", f"A body has at most {limit} bytes here.", limit=limit)


def _bad_header(name: str, expected: str) -> Problem:
    return Problem(400, "invalid-header", f"{name} must be: {expected}.", header=name)


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
