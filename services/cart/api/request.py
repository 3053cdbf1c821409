"""How a call was made, as its headers say it."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request

from libs.http.problems import Problem
from services.cart.domain.cart_json import TOLD
from services.cart.domain.request import WriteRequest
from services.cart.domain.shopper import SHOPPERS
from services.cart.domain.tokens import fingerprint as fingerprint_of

ENTITY_TAGS = 'entity tags in double quotes, or "*"'
SHOPPER, BOT = "shopper", "bot"
ORIGINS = (SHOPPER, "staff", BOT, "import")
NO_PERSON = "evercart.no_person"
"""In the scope of a request: its caller calls at a rate that no person has."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_DEVICE = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_CUT = re.compile(r"[?#\x00-\x20\x7f]")
"""In a path: what its URL reads otherwise. Without it both are the same, and a URL takes long to build."""
_ENTITY_TAGS = re.compile(r'\s*(?:(W/)?("[\x21\x23-\x7e\x80-\xff]*")|(\*))\s*(?:,|$)')


class WriteRequests:
    """Makes write requests of calls. `secret` keys the fingerprints, those before it are still known; `datable` lets
    callers date their changes.
    """

    def __init__(self, secret: bytes, *, datable: bool, older_secrets: Iterable[bytes] = ()) -> None:
        self._secrets, self._datable = (secret, *older_secrets), datable

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
        fingerprint, *older = self._fingerprints(request, body) if key is not None else [b""]
        return WriteRequest(
            store_id=store_id,
            caller=caller,
            fingerprint=fingerprint,
            key=key,
            if_match=None if if_match is None else _states(entity_tags(if_match, "If-Match")),
            device=device,
            occurred_at=self._dated(headers.get("x-occurred-at")),
            about=about,
            made_on=_cart_id(headers.get("x-cart-id")),
            request_id=None if caller.startswith(SHOPPERS) else _request_id(headers.get("x-request-id")),
            older_fingerprints=tuple(older),
            origin=origin_of(request),
        )

    def _fingerprints(self, request: Request, body: BaseModel | None) -> list[bytes]:
        text = "" if body is None else body.model_dump_json()
        path: str = request.scope["path"]
        if _CUT.search(path):
            path = request.url.path
        return [fingerprint_of(secret, request.method, path, text) for secret in self._secrets]

    def _dated(self, text: str | None) -> datetime | None:
        if text is None:
            return None
        if not self._datable:
            raise _bad_header("X-Occurred-At", "left out: this service dates changes itself")
        try:
            date = datetime.fromisoformat(text)
            if date.tzinfo is None:
                raise _bad_header("X-Occurred-At", "a date and time with its zone")
            return date.astimezone(UTC)
        except (ValueError, OverflowError):
            raise _bad_header("X-Occurred-At", "a date and time of ISO 8601") from None


class Call:
    """One call that may change something: with who calls and what they send it is a `WriteRequest`."""

    def __init__(self, request: Request, write_requests: WriteRequests) -> None:
        self._request, self._write_requests = request, write_requests

    def write_request(self, caller: str, body: BaseModel | None = None, *, about: str | None = None) -> WriteRequest:
        """The write that `caller` asks for; `about` is the customer whom its answer may name.

        Raises `Problem` 400 for a header that can't be understood.
        """
        store_id = self._request.path_params["store_id"]
        return self._write_requests.of(self._request, store_id, caller, body, about=about)


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


def origin_of(request: Request) -> str | None:
    """Who calls, where they say that they are no shopper, or call at a rate that no person has; None: a shopper.

    Everybody may say it: whoever does is reminded of nothing. Raises `Problem` 400 for a word that is not known.
    """
    origin = request.headers.get("x-origin")
    if origin is None:
        return BOT if NO_PERSON in request.scope else None
    if origin not in ORIGINS:
        raise _bad_header("X-Origin", ", ".join(ORIGINS))
    return None if origin == SHOPPER else origin


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


def _bad_header(name: str, expected: str) -> Problem:
    return Problem(400, "invalid-header", f"{name} must be: {expected}.", header=name)
