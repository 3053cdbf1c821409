"""Twilio's endpoint over HTTP, with the failures that a test may ask for, and the phones at its other end."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.playground import twilio
from deploy.playground.faults import Faults
from deploy.playground.http import ProblemError, read_body, read_json
from deploy.playground.outgoing import post_form
from deploy.playground.phone import Phone
from deploy.playground.reader import describe
from deploy.playground.settings import Settings

log = logging.getLogger(__name__)


class Provider:
    """``POST /2010-04-01/Accounts/{sid}/Messages.json`` and ``POST /api/texts``."""

    def __init__(self, settings: Settings, phone: Phone, faults: Faults) -> None:
        self._settings = settings
        self._phone = phone
        self._faults = faults
        self._callbacks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/2010-04-01/Accounts/{sid}/Messages.json", self.create_message, methods=["POST"]),
            Route("/api/texts", self.reply, methods=["POST"]),
        ]

    async def create_message(self, request: Request) -> Response:
        """Answers as Twilio does: 201 with the resource, or its error document."""
        account, token = self._settings.twilio_account_sid, self._settings.twilio_auth_token
        try:
            twilio.authenticate(request.headers.get("authorization"), request.path_params["sid"], account, token)
            form = dict(parse_qsl((await read_body(request)).decode("utf-8", "replace"), keep_blank_values=True))
            to, sender, body = self._phone.check(form)
            return await self._accept(request, form, to, sender, body)
        except twilio.RefusalError as refusal:
            headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if refusal.status == 401 else None
            return JSONResponse(refusal.body, refusal.status, headers=headers)

    async def _accept(self, request: Request, form: dict[str, str], to: str, sender: str, body: str) -> Response:
        fault = self._faults.take("twilio", [to])
        if fault == "drop_before_accept":
            return _drop(request)
        if fault is not None and fault.isdecimal():
            return _refusal(fault)
        try:
            _, resource = await self._phone.deliver(to, sender, body)
        except OSError:
            raise twilio.RefusalError(20500) from None
        if fault == "drop_after_accept":
            return _drop(request)
        if fault == "hang_after_accept":
            await asyncio.Event().wait()
        if callback := form.get("StatusCallback"):
            self._later(self._report(callback, str(resource["sid"]), to, sender))
        return JSONResponse(resource, 201)

    async def reply(self, request: Request) -> Response:
        """A customer answers: ``{"from", "to", "body"}``; forwarded to the notifier's webhook as Twilio does."""
        fields = await read_json(request)
        sender, to, body = (fields.get(name) for name in ("from", "to", "body"))
        if not (isinstance(sender, str) and isinstance(to, str) and isinstance(body, str) and body.strip()):
            raise ProblemError(422, "invalid-text", "from, to and body are texts")
        if not twilio.E164.fullmatch(sender):
            raise ProblemError(422, "invalid-text", "from is a phone number with a + in front")
        summary, resource = await self._phone.reply(to, sender, body)
        if self._settings.notifier_url:
            form = {
                "MessageSid": str(resource["sid"]),
                "AccountSid": self._settings.twilio_account_sid,
                "From": sender,
                "To": to,
                "Body": body,
                "NumMedia": "0",
                "NumSegments": str(resource["num_segments"]),
                "ApiVersion": "2010-04-01",
            }
            self._later(self._call(f"{self._settings.notifier_url}/twilio/inbound", form))
        return JSONResponse(describe(summary), 201)

    async def close(self) -> None:
        """Gives up the callbacks that are under way."""
        for task in self._callbacks:
            task.cancel()
        await asyncio.gather(*self._callbacks, return_exceptions=True)

    def _later(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        task = asyncio.create_task(work)
        self._callbacks.add(task)
        task.add_done_callback(self._callbacks.discard)

    async def _report(self, url: str, sid: str, to: str, sender: str) -> None:
        for status in ("sent", "delivered"):
            form = {"MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status, "To": to}
            form |= {"From": sender, "AccountSid": self._settings.twilio_account_sid, "ApiVersion": "2010-04-01"}
            await self._call(url, form)

    async def _call(self, url: str, form: dict[str, str]) -> None:
        signature = twilio.sign(url, form, self._settings.twilio_auth_token)
        public, backend = self._settings.notifier_url, self._settings.notifier_backend_url
        reached = backend + url.removeprefix(public) if public and url.startswith(f"{public}/") else url
        try:
            status = await asyncio.to_thread(post_form, reached, form, {"X-Twilio-Signature": signature})
        except OSError as failure:
            log.warning("a callback found nobody: %s", type(failure).__name__)
        else:
            if status >= 400:
                log.warning("a callback was answered with %d", status)


def _refusal(fault: str) -> Response:
    if len(fault) == 5:
        refusal = twilio.RefusalError(int(fault), to="", sender="")
        return JSONResponse(refusal.body, refusal.status)
    status = int(fault)
    code = {401: 20003, 429: 20429}.get(status, 20500)
    body = twilio.RefusalError(code).body | {"status": status}
    return JSONResponse(body, status, headers={"Retry-After": "1"} if status == 429 else None)


def _drop(request: Request) -> Response:
    """Cuts the connection without an answer, as a crash would; only uvicorn's request cycle knows the socket."""
    transport = getattr(getattr(request.receive, "__self__", None), "transport", None)
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    return Response(status_code=503)
