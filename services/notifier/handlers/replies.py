"""What a customer has written back: noted once, and done, in the transaction of whoever calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.postgres.pool import Connection
from services.notifier.channels.ports import Reply
from services.notifier.db import contacts, preferences, replies, suppressions
from services.notifier.domain.replies import Meaning, meaning
from services.notifier.domain.store import Store
from services.notifier.handlers.reach import tell_reach_of_address
from services.notifier.handlers.unsubscribed import tell_stopped
from services.notifier.metrics import REPLIES
from services.notifier.rendering.store_templates import StoreTemplates


@dataclass(frozen=True, slots=True)
class Hearing:
    """Which stores there are, and in which words they answer."""

    stores: Mapping[str, Store]
    templates: StoreTemplates


async def hear(connection: Connection, by: Hearing, reply: Reply, now: datetime) -> str:
    """Takes STOP, START and HELP, once however often a message is delivered; what is to be answered, if anything.

    It is for all stores that send from what was written to; some may send elsewhere by now.
    """
    asked, said = reply.read_as or meaning(reply.text), ""
    for store_id, store in by.stores.items():
        if store.sender(reply.channel) not in reply.to:
            continue
        if await replies.note(connection, reply.reply_id, store_id, asked, reply.sender, reply.channel):
            REPLIES.labels(asked).inc()
            said = await _act(connection, by, store_id, asked, reply, now) or said
    return "" if reply.read_as and reply.answered else said


async def _act(connection: Connection, by: Hearing, store_id: str, asked: Meaning, reply: Reply, now: datetime) -> str:
    whom = (store_id, reply.channel, reply.sender)
    if asked == "stop":
        [subject] = await preferences.subjects(connection, [reply.sender])
        await tell_stopped(connection, store_id, subject, reply.channel, now)
        await suppressions.suppress_address(connection, *whom, "stop", suppressions.ClosedBy("reply"))
        await tell_reach_of_address(connection, *whom, now)
        # whoever writes by SMS is answered by the provider
        return "" if reply.channel == "sms" else await _words(connection, by, "page.done", whom)
    if asked == "start":
        await suppressions.restore_address(connection, *whom)
        await tell_reach_of_address(connection, *whom, now)
    return await _words(connection, by, "sms.help", whom) if asked == "help" else ""


async def _words(connection: Connection, by: Hearing, phrase: str, whom: tuple[str, str, str]) -> str:
    store = by.stores[whom[0]]
    locale = await contacts.locale_at(connection, *whom)
    words = by.templates.or_shipped(store).wordings.choose(locale or store.locale, store.locale)
    return words.show(phrase, {"store": store.name})
