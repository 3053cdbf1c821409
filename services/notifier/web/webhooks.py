"""What SMS providers tell us: text messages that customers send back."""

from collections.abc import Mapping, Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.http.problems import Problem
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.notifier.channels.ports import (
    Callback,
    ForgedCallbackError,
    Reply,
    ReplyReader,
    UnreadableCallbackError,
)
from services.notifier.db import contacts, replies, suppressions
from services.notifier.domain.replies import Meaning, meaning
from services.notifier.domain.store import Store
from services.notifier.metrics import REPLIES
from services.notifier.rendering.store_templates import StoreTemplates

BODY_MOST = 64 * 1024


class ReplyWebhooks:
    """STOP, START and HELP. A message counts once, however often it is delivered."""

    def __init__(
        self,
        pool: Pool,
        stores: Mapping[str, Store],
        templates: StoreTemplates,
        readers: Mapping[str, ReplyReader],
        public_url: str,
    ) -> None:
        self._pool, self._stores, self._templates = pool, stores, templates
        self._readers, self._base = readers, public_url.rstrip("/")

    def routes(self) -> list[Route]:
        """To be set at each provider as the webhook for incoming messages: `<public URL>/<its name>/inbound`."""
        return [Route(f"/{name}/inbound", partial(self.inbound, name), methods=["POST"]) for name in self._readers]

    async def inbound(self, provider: str, request: Request) -> Response:
        """Answers with the help text to HELP, else with nothing; the provider confirms STOP and START itself."""
        reader = self._readers[provider]
        reply = await self._read(reader, request)
        asked = reply.read_as or meaning(reply.text)
        said = ""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            for store_id in self._addressed(reply):
                if await replies.note(connection, reply.reply_id, store_id, asked, reply.sender):
                    REPLIES.labels(asked).inc()
                    said = await self._act(connection, store_id, asked, reply.sender) or said
        return Response(reader.answer("" if reply.read_as else said), media_type=reader.media_type)

    async def _act(self, connection: Connection, store_id: str, asked: Meaning, number: str) -> str:
        """Does what was asked for; returns what is to be answered."""
        if asked == "stop":
            await suppressions.suppress_address(connection, store_id, "sms", number, "stop")
        elif asked == "start":
            await suppressions.restore_address(connection, store_id, "sms", number)
        elif asked == "help":
            store = self._stores[store_id]
            locale = await contacts.locale_of_number(connection, store_id, number)
            words = self._templates.or_shipped(store).wordings.choose(locale or store.locale, store.locale)
            return words.say("sms.help", {"store": store.name})
        return ""

    def _addressed(self, reply: Reply) -> Sequence[str]:
        """The stores that send from what was written to; several may share it, and some may send elsewhere by now."""
        return [store_id for store_id, store in self._stores.items() if store.sms_from in reply.to]

    async def _read(self, reader: ReplyReader, request: Request) -> Reply:
        """The reply, if the provider has signed it. Raises `Problem` 403, 413 or 422."""
        body = await _limited(request)
        url = self._base + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        try:
            return reader.read(Callback(url, dict(request.headers), body))
        except ForgedCallbackError:
            raise Problem(403, "bad-signature", "The request does not bear the provider's signature.") from None
        except UnreadableCallbackError as error:
            raise Problem(422, "invalid-request", str(error)) from None


async def _limited(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise Problem(413, "body-too-large", f"A body has at most {BODY_MOST} bytes here.", limit=BODY_MOST)
    return body
