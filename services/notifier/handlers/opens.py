"""A letter was opened, as far as can be seen: noted and told once; what was fetched ahead is told apart."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from libs.contracts.events import MessageOpened
from libs.outbox import store as outbox
from libs.policy.laws import Laws
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import answers, contacts
from services.notifier.domain.answers import Answer
from services.notifier.domain.opens import fetched_ahead, may_count
from services.notifier.domain.store import Store
from services.notifier.handlers.source import SOURCE

PIXEL: Final = "pixel"
"""Who tells of what came by the picture in a letter: no provider."""
SAYS: Final = (
    *("reminder_id", "store_id", "customer_id", "campaign", "kind", "step", "channel", "cart_id", "order_id"),
    *("sku", "variant", "provider_id"),
)
"""What events say of the message that they are about."""


async def take_open(
    connection: Connection,
    provider: str,
    answer: Answer,
    delivery: Mapping[str, Any],
    ahead: str | None,
    now: datetime,
) -> None:
    """Tells that a message was opened, or who has fetched `ahead` what tells of it; each once. The `delivery` says also
    by which `provider` it went, where that is known.
    """
    noted = answer if ahead is None else replace(answer, kind="prefetched", reason=ahead)
    if await answers.note(connection, delivery["reminder_id"], provider, noted, None):
        says = {name: delivery[name] for name in SAYS} | {"provider": delivery.get("provider")}
        event = MessageOpened(event_id=uuid7(), occurred_at=now, reason=answer.reason, prefetch=ahead, **says)
        await outbox.append(connection, [event], SOURCE)


async def count_open(
    connection: Connection,
    reminder_id: UUID,
    request: tuple[str, Mapping[str, str]],
    stores: Mapping[str, Store],
    laws: Laws | None,
    now: datetime,
) -> None:
    """Takes a `request` (its method and headers) for the picture of a letter: counted only where it may be by now, so
    that whoever takes a consent back is not counted by letters of before either.
    """
    answer = Answer("", "opened", now, reminder_id)
    delivery = await answers.about(connection, answer, "email")
    if delivery is None or (store := stores.get(delivery["store_id"])) is None:
        return
    contact = await contacts.read(connection, delivery["store_id"], delivery["customer_id"])
    if contact is not None and may_count(store, contact, laws):
        ahead = fetched_ahead(*request, now - delivery["sending_at"])
        await take_open(connection, PIXEL, answer, delivery, ahead, now)
