"""What a provider tells of a message: taken once, written beside it, told, and acted upon, in one commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from libs.contracts.events import MessageAnswer, MessageBounced, MessageComplained, MessageDelivered, MessageSent
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import answers, link_visits, suppressions
from services.notifier.domain.answers import Answer, AnswerKind, SoftBounces, Weight, closes, weight
from services.notifier.domain.click import Suspicion, suspicion
from services.notifier.domain.opens import fetched_ahead
from services.notifier.domain.store import Store
from services.notifier.handlers.clicks import note_and_tell_suspected
from services.notifier.handlers.opens import SAYS, take_open
from services.notifier.handlers.reach import tell_reach_of_neighbours
from services.notifier.handlers.source import SOURCE

Taken = Literal["taken", "known", "unknown_message", "suspected"]
"""`known`: it was taken before; `suspected`: it was a program, not a person."""

_EVENTS: Final[Mapping[AnswerKind, type[MessageAnswer]]] = {
    "delivered": MessageDelivered,
    "bounced": MessageBounced,
    "undelivered": MessageBounced,
    "complained": MessageComplained,
}


@dataclass(frozen=True, slots=True)
class From:
    """Who tells: a provider, and the channel that it carries messages on; of one store, where its key was used, of
    `stores`, where it is an account that only these name.
    """

    provider: str
    channel: str
    store_id: str | None = None
    stores: frozenset[str] | None = None

    @property
    def carrier(self) -> str | None:
        """Who has carried what it tells of. A store's mailbox (`store_id`) can't say which account that was."""
        return self.provider if self.store_id is None else None

    def speaks_of(self, store_id: str) -> bool:
        """Whether it may tell of a store's messages."""
        return self.store_id in (None, store_id) and (self.stores is None or store_id in self.stores)


async def take_answer(
    connection: Connection, by: From, answer: Answer, stores: Mapping[str, Store], now: datetime
) -> Taken:
    """Takes one answer in the transaction of `connection`; of one that was taken before nothing follows."""
    if not await answers.take(connection, by.provider, answer.event_id):
        return "known"
    delivery = await answers.about(connection, answer, by.channel)
    if delivery is None or not by.speaks_of(delivery["store_id"]):
        return "unknown_message"
    carried = {**delivery, "provider": by.carrier}
    await _settle(connection, answer, carried, now)
    if answer.kind == "opened":
        ahead = _ahead(answer, delivery)
        await take_open(connection, by.provider, answer, carried, ahead, now)
        return "taken" if ahead is None else "suspected"
    if why := _suspicion(answer, delivery):
        await note_and_tell_suspected(connection, delivery["reminder_id"], by.provider, why, now, by.carrier)
        return "suspected"
    found = weight(answer)
    first = await answers.note(connection, delivery["reminder_id"], by.provider, answer, found)
    if answer.kind == "clicked":  # told when it was held back long enough, unless it was before
        await link_visits.hold(connection, delivery["reminder_id"], min(answer.at, now), by.provider)
    elif first:
        await _tell(connection, answer, found, carried, now)
    await _close(connection, by, answer, delivery, stores, now)
    return "taken"


async def _settle(connection: Connection, answer: Answer, delivery: Mapping[str, Any], now: datetime) -> None:
    """Whoever tells of a message has it: one that was `unknown` was sent."""
    known = await answers.taken_after_all(connection, delivery["reminder_id"], answer.provider_id)
    if known is not None:
        says = {name: delivery[name] for name in (*SAYS, "provider")} | known
        await outbox.append(connection, [MessageSent(event_id=uuid7(), occurred_at=now, **says)], SOURCE)


def _ahead(answer: Answer, delivery: Mapping[str, Any]) -> str | None:
    if answer.agent is not None:
        found = fetched_ahead("GET", {"user-agent": answer.agent}, answer.at - delivery["sending_at"])
        return found or ("scanner" if answer.machine else None)
    return "scanner" if answer.machine else None


def _suspicion(answer: Answer, delivery: Mapping[str, Any]) -> Suspicion | None:
    if answer.kind != "clicked":
        return None
    if answer.machine:
        return "scanner"
    if answer.agent is not None:
        return suspicion("GET", {"user-agent": answer.agent}, answer.at - delivery["sending_at"])
    return None


async def _tell(
    connection: Connection, answer: Answer, found: Weight | None, delivery: Mapping[str, Any], now: datetime
) -> None:
    if kind := _EVENTS.get(answer.kind):
        says: dict[str, Any] = {name: delivery[name] for name in (*SAYS, "provider")}
        if kind is MessageBounced:
            says |= {"weight": found, "status": answer.status}
        await outbox.append(connection, [kind(event_id=uuid7(), occurred_at=now, reason=answer.reason, **says)], SOURCE)


async def _close(
    connection: Connection,
    by: From,
    answer: Answer,
    delivery: Mapping[str, Any],
    stores: Mapping[str, Store],
    now: datetime,
) -> None:
    """Closes the address that the message went to, whoever has it by now: it is known by its hash."""
    store_id, subject = delivery["store_id"], delivery["recipient"]
    limit = SoftBounces.read(stores[store_id].soft_bounces) if store_id in stores else None
    before = await answers.soft_before(connection, delivery, now, limit.within) if limit else 0
    reason = closes(answer, before, limit)
    if reason is None or subject is None:
        return
    closed_by = suppressions.ClosedBy(by.provider, answer.status or answer.reason)
    await suppressions.suppress_subject(connection, store_id, by.channel, subject, reason, closed_by)
    await tell_reach_of_neighbours(connection, store_id, delivery["customer_id"], by.channel, now)
