"""What Twilio tells us: text messages that customers send back."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import parse_qsl

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.http.problems import Problem
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.notifier.db import contacts, replies, suppressions
from services.notifier.domain.replies import Meaning, meaning
from services.notifier.domain.store import Store
from services.notifier.metrics import REPLIES
from services.notifier.rendering.templates import Templates

BODY_MOST = 64 * 1024
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response>{}</Response>'


class TwilioWebhooks:
    """STOP, START and HELP. A message counts once, however often it is delivered."""

    def __init__(
        self,
        pool: Pool,
        shops: Mapping[str, Store],
        templates: Mapping[str, Templates],
        auth_token: SecretStr,
        public_url: str,
    ) -> None:
        self._pool, self._shops, self._templates = pool, shops, templates
        self._token, self._base = auth_token, public_url.rstrip("/")

    def routes(self) -> list[Route]:
        """To be set as the webhook for incoming messages: `<public URL>/twilio/inbound`."""
        return [Route("/twilio/inbound", self.inbound, methods=["POST"])]

    async def inbound(self, request: Request) -> Response:
        """Answers with TwiML: the help text to HELP, else nothing (Twilio confirms STOP and START itself)."""
        form = await self._genuine(request)
        number, sid = form.get("From", ""), form.get("MessageSid", "")
        if not number or not sid:
            raise Problem(422, "invalid-request", "From and MessageSid are needed.")
        asked = _meaning(form)
        said = ""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            for store_id in self._addressed(form):
                if await replies.note(connection, sid, store_id, asked, number):
                    REPLIES.labels(asked).inc()
                    said = await self._act(connection, store_id, asked, number) or said
        reply = f"<Message>{escape(said)}</Message>" if said and "OptOutType" not in form else ""
        return Response(TWIML.format(reply), media_type="text/xml")

    async def _act(self, connection: Connection, store_id: str, asked: Meaning, number: str) -> str:
        """Does what was asked for; returns what is to be answered."""
        if asked == "stop":
            await suppressions.suppress_address(connection, store_id, "sms", number, "stop")
        elif asked == "start":
            await suppressions.restore_address(connection, store_id, "sms", number)
        elif asked == "help":
            shop = self._shops[store_id]
            locale = await contacts.locale_of_number(connection, store_id, number)
            words = self._templates[store_id].wordings.choose(locale or shop.locale, shop.locale)
            return words.say("sms.help", {"store": shop.name})
        return ""

    def _addressed(self, form: Mapping[str, str]) -> Sequence[str]:
        """The stores that send from the number that was written to; several may share one."""
        ours = {form.get("To"), form.get("MessagingServiceSid")}
        return [store_id for store_id, shop in self._shops.items() if shop.sms_from in ours]

    async def _genuine(self, request: Request) -> dict[str, str]:
        """The form, if Twilio has signed it. Raises `Problem` 403 or 413."""
        body = await _limited(request)
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        url = self._base + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        expected = signature(url, form, self._token.get_secret_value())
        if not hmac.compare_digest(request.headers.get("x-twilio-signature", "").encode(), expected.encode()):
            raise Problem(403, "bad-signature", "The request does not bear Twilio's signature.")
        return form


async def _limited(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise Problem(413, "body-too-large", f"A body has at most {BODY_MOST} bytes here.", limit=BODY_MOST)
    return body


def _meaning(form: Mapping[str, str]) -> Meaning:
    """Twilio's own reading, where its advanced opt-out is on, goes before ours."""
    match form.get("OptOutType", "").upper():
        case "STOP":
            return "stop"
        case "START":
            return "start"
        case "HELP":
            return "help"
    return meaning(form.get("Body", ""))


def signature(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and the sorted names and values (Twilio, Security)."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
