"""What tests of the page on which somebody chooses do, and read there."""

import re
from typing import Any

import httpx

from libs.contracts.events import PreferencesSet, ReachSet
from services.notifier.domain.purposes import DECLINABLE
from tests.integration.notifier.conftest import World

ALL = set(DECLINABLE)
DOUBTS = ("anna@mail.example", "mail.example", "+4915112345678", "15112345678")


async def link(world: World, **known: Any) -> str:
    """The link in the foot of a message that was sent to Anna."""
    await world.asks(**known)
    await world.deliver()
    return link_in(world.relay.body(number=len(world.relay.messages) - 1))


def link_in(text: str) -> str:
    [found] = set(re.findall(r"https://n\.nordwind\.example/p/[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])", text))
    return str(found)


async def save(web: httpx.AsyncClient, url: str, **on: str) -> httpx.Response:
    """Sends the form as a browser does: of each channel that it shows what is ticked."""
    form: dict[str, Any] = {"do": "save", "shown": [*on]}
    return await web.post(url, data=form | {channel: ticked.split() for channel, ticked in on.items()})


async def told(world: World) -> list[PreferencesSet]:
    rows = await world.pool.fetch(
        "SELECT value FROM outbox WHERE headers::json ->> 'ce_type' = 'customer.preferences_set' ORDER BY id"
    )
    return [PreferencesSet.model_validate_json(row["value"]) for row in rows]


async def reach(world: World) -> tuple[bool, bool]:
    rows = await world.pool.fetch("SELECT value FROM outbox WHERE topic = 'customer.reach' ORDER BY id")
    last = ReachSet.model_validate_json(rows[-1]["value"])
    return last.email, last.sms


def ticks(html: str) -> dict[str, set[str]]:
    """What the page shows as on."""
    found: dict[str, set[str]] = {}
    for name, value, rest in re.findall(r'<input type="checkbox" name="(\w+)" value="(\w+)"([^>]*)>', html):
        found.setdefault(name, set())
        if "checked" in rest:
            found[name].add(value)
    return found


async def outcome(world: World, **known: Any) -> tuple[str, str | None]:
    request = await world.asks(**known)
    await world.deliver()
    return await world.ended(request)
