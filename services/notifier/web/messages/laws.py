"""Which laws hold a text back, and what tells that its customer is where they hold."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from libs.policy.laws import Laws
from libs.postgres.pool import Connection
from services.notifier.db import contacts

BY_LAW: Final = frozenset({"legal_hours", "legal_period"})
LawsTold = Mapping[UUID, list[dict[str, Any]]]


async def laws_of(
    connection: Connection, laws: Laws | None, store_id: str, messages: Sequence[Mapping[str, Any]]
) -> LawsTold:
    """Of those that laws hold back or have ended, by the contact that is known now: of one who was erased, none."""
    if laws is None:
        return {}
    held = [one for one in messages if one["reason"] in BY_LAW]
    who = {one["customer_id"]: await contacts.read(connection, store_id, one["customer_id"]) for one in held}
    found: dict[UUID, list[dict[str, Any]]] = {}
    for one in held:
        if (contact := who[one["customer_id"]]) is not None:
            number = contact.address(one["channel"]) or ""
            named = laws.named(number, contact.timezone, contact.country, contact.region)
            found[one["reminder_id"]] = [
                {"country": law.country, "states": sorted(law.states), "source": law.source, "told_by": told_by}
                for law, told_by in named
            ]
    return found
