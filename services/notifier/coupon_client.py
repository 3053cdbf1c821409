"""The shop asked for codes, and whether one counts, each time signed: an address of the store's, and not trusted."""

import base64
import hmac
from datetime import datetime
from typing import Any, Final

import httpx
from pydantic_core import to_json

from libs.http.public_address import public_address
from libs.http.trusted import Trusted
from libs.runtime.clock import Clock
from services.notifier.domain.coupons import CODE_SHAPE, Coupon, Pool
from services.notifier.domain.reminder import Reminder

TIMEOUT_S: Final = 5.0
MOST: Final = 16 * 1024
NONE_LEFT: Final = (204, 404, 409, 410)
"""Statuses by which a shop says that it has no code for somebody, or knows none."""


class ShopUnavailableError(RuntimeError):
    """The shop could not be asked, or its answer is none; the message holds nothing secret."""


class CouponClient:
    """Signs by Standard Webhooks (`webhook-id`, `-timestamp`, `-signature`) with a key for each pool, made of `secret`.

    No redirects, bounded in size and time, over TLS and of public addresses alone; in `local` mode anywhere.
    """

    def __init__(self, secret: str, clock: Clock, *, local: bool) -> None:
        self._secret, self._clock, self._local = secret.encode(), clock, local
        self._trusted = Trusted()

    def signing_secret(self, store_id: str, pool: str) -> str:
        """With which a shop checks that it is us: of its pool, and the same as long as `secret` is."""
        return "whsec_" + base64.b64encode(self._key(store_id, pool)).decode()

    async def fetch(self, pool: Pool, r: Reminder, valid_seconds: int | None) -> Coupon | None:
        """A code for a reminder, None where the shop has none. Asked again for the same reminder it is to give the same
        one: `webhook-id` is the reminder's id. Raises `ShopUnavailableError`.
        """
        asked = {"pool": pool.name, "customer_id": r.customer_id, "valid_seconds": valid_seconds}
        told = await self._ask(pool, pool.url or "", str(r.reminder_id), asked)
        if told is None:
            return None
        code, end = told.get("code"), told.get("expires_at")
        try:
            until = None if end is None else datetime.fromisoformat(end)
        except (TypeError, ValueError):
            raise ShopUnavailableError("its end of a code is no moment") from None
        if not isinstance(code, str) or not CODE_SHAPE.fullmatch(code) or (until is not None and until.tzinfo is None):
            raise ShopUnavailableError("its answer is no code")
        return Coupon(code, until)

    async def counts(self, pool: Pool, r: Reminder, code: str) -> bool:
        """Whether the shop takes a code. Raises `ShopUnavailableError`."""
        told = await self._ask(pool, pool.check_url or "", f"{r.reminder_id}-check", {"pool": pool.name, "code": code})
        return told is not None and told.get("valid") is True

    def _key(self, store_id: str, pool: str) -> bytes:
        return hmac.digest(self._secret, f"evercart coupons v1|{store_id}|{pool}".encode(), "sha256")

    async def _ask(self, pool: Pool, url: str, name: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        body, at = to_json(asked | {"store_id": pool.store_id}), str(int(self._clock().timestamp()))
        signed = hmac.digest(self._key(pool.store_id, pool.name), f"{name}.{at}.".encode() + body, "sha256")
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "webhook-id": name}
        headers |= {"webhook-timestamp": at, "webhook-signature": "v1," + base64.b64encode(signed).decode()}
        try:
            target, extensions = await self._target(httpx.URL(url), headers)
            trusts = await self._trusted.context()
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, verify=trusts) as client,
                client.stream("POST", target, content=body, headers=headers, extensions=extensions) as answer,
            ):
                return await _read(answer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise ShopUnavailableError(type(error).__name__) from None

    async def _target(self, url: httpx.URL, headers: dict[str, str]) -> tuple[httpx.URL, dict[str, Any]]:
        if self._local:
            return url, {}
        if url.scheme != "https":
            raise ValueError("a shop is asked over https")
        headers["Host"] = url.netloc.decode()
        # by the address that was looked at: asked again, the name may lead elsewhere
        address = await public_address(url.host, url.port or 443)
        return url.copy_with(host=address), {"sni_hostname": url.host}


async def _read(answer: httpx.Response) -> dict[str, Any] | None:
    if answer.status_code in NONE_LEFT:
        return None
    if answer.status_code != httpx.codes.OK:
        raise ShopUnavailableError(f"it answered {answer.status_code}")
    found = b""
    async for chunk in answer.aiter_raw():
        found += chunk
        if len(found) > MOST:
            raise ShopUnavailableError("its answer is too long")
    told = httpx.Response(200, content=found).json()
    if not isinstance(told, dict):
        raise ShopUnavailableError("its answer is no object")
    return told
