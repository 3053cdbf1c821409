"""Text messages by Twilio's Messages API.

Spoken to over httpx: the official client is synchronous, and its asynchronous HTTP client ignores its own time-out
(twilio-python#925) and hides whether a failed request had left us, which is the one thing that has to be known here.
"""

from typing import Any, Final

import httpx
import structlog

from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear

log = structlog.get_logger(__name__)

OPTED_OUT: Final = 21610
PASSING: Final = {20429, 21611, 63038}
"""Too many requests; the sender's queue is full; the account's daily limit: refused now, welcome later."""
OURS: Final = {401, 403, 404, 405, 407, 408, 425, 429, 503}
"""Statuses that speak of our account, our pace or their capacity, not of this message: nothing was taken."""


class SmsChannel:
    """One account's Messages resource over kept connections."""

    def __init__(self, base_url: str, account_sid: str, auth_token: str, timeout_s: float = 20) -> None:
        self._path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._http = httpx.AsyncClient(
            base_url=base_url, auth=(account_sid, auth_token), timeout=httpx.Timeout(timeout_s, connect=5)
        )

    async def send(self, sender: str, recipient: str, text: str, status_callback: str | None = None) -> Outcome:
        """Asks for one message. `sender` is a number, a short code, a word, or a messaging service (`MG…`)."""
        form = {"To": recipient, "Body": text}
        form["MessagingServiceSid" if sender.startswith("MG") and len(sender) > 11 else "From"] = sender
        if status_callback:
            form["StatusCallback"] = status_callback
        try:
            answer = await self._http.post(self._path, data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            log.warning("twilio.unreachable", error=type(error).__name__)
            return Postponed("twilio_unreachable")
        except httpx.HTTPError as error:
            log.warning("twilio.no_answer", error=type(error).__name__)
            return Unclear("twilio_no_answer")
        return judged(answer.status_code, _json(answer), answer.headers.get("Retry-After"))

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


def judged(status: int, body: dict[str, Any], retry_after: str | None = None) -> Outcome:
    """What an answer means. Pure.

    A 5xx other than 503 may come after the message was taken (Twilio, error 20500: a POST is not idempotent, and the
    resource knows no idempotency key), so it is not a refusal.
    """
    code = body.get("code") if isinstance(body.get("code"), int) else None
    if 200 <= status < 300:
        sid = body.get("sid")
        return Accepted(sid if isinstance(sid, str) else None)
    if code == OPTED_OUT:
        return Refused("twilio_21610", suppress="stop")
    reason = f"twilio_{code or status}"
    if status in OURS or code in PASSING:
        return Postponed(reason, _seconds(retry_after))
    if status >= 500:
        return Unclear(reason)
    return Refused(reason)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(text: str | None) -> float | None:
    return min(float(text), 3600.0) if text and text.isascii() and text.isdigit() else None
