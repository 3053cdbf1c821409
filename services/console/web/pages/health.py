"""Health: is it sending; what ops look at by night."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.responses import Response

from libs.inbox.put_back import Waiting
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Row
from services.console.clients.service import ServiceClient, or_none
from services.console.db.faults import answers
from services.console.db.messages import by_provider
from services.console.db.reading import readings
from services.console.domain.faults import FEWEST_SENT
from services.console.domain.people import EVERY_STORE
from services.console.domain.pulse import Sign, signs_of
from services.console.domain.senders import Rate, rates, worst
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")
SERVICES = ("cart", "trigger", "notifier")


@dataclass(frozen=True, slots=True)
class _Process:
    name: str
    ready: bool
    signs: list[Sign]


@dataclass(frozen=True, slots=True)
class _Reputation:
    """`senders` is None where the notifier says nothing; the rates are of `sent` e-mails of a week."""

    senders: list[dict[str, Any]] | None
    sent: int
    rates: list[Rate]
    state: str


class _Counted(NamedTuple):
    """What the console itself knows: what became of a `week` of messages by channel, and by whom they went, and how
    far it has read, by topic.
    """

    week: Sequence[Row]
    carried: Sequence[Row]
    read: list[dict[str, Any]]


@router.get("/health")
async def show_health(visit: Annotated[Visit, Depends(of_store("health:read"))]) -> Response:
    """The services, one by one, and what has to be done."""
    house = visit.house
    found, letters, pauses, today, faults, (senders, counted) = await asyncio.gather(
        asyncio.gather(*(_state(name, client) for name, client in house.processes.items())),
        *(_letters(visit), _pauses(visit), house.figures.today(visit.store_id), house.faults(visit.store_id)),
        asyncio.gather(or_none(house.notifier.senders(visit.store_id)), _counted(visit)),
    )
    services = [_of_service(name, found) for name in SERVICES]
    may_look = visit.may("letters:replay") and visit.person.sees(EVERY_STORE)
    facts = {"today": today, "pauses": pauses, "letters": letters, "may_look": may_look, "faults": faults}
    own = {"reputation": _reputation(senders, counted.week), "read": counted.read, "carried": counted.carried}
    return page(visit, "health.html", services=services, fewest=FEWEST_SENT, **own, **facts)


async def _state(name: str, client: ServiceClient) -> _Process:
    ready, text = await asyncio.gather(client.is_ready(), client.measured())
    return _Process(name, ready, signs_of(text))


def _of_service(name: str, processes: Sequence[_Process]) -> dict[str, Any]:
    """A service out of its processes: it is ready when all of them are."""
    of = [one for one in processes if one.name.partition("-")[0] == name]
    return {
        "name": name,
        "ready": bool(of) and all(one.ready for one in of),
        "silent": [one.name for one in of if not one.ready],
        "signs": [sign for one in of for sign in one.signs],
    }


def _reputation(senders: list[dict[str, Any]] | None, week: Sequence[Row]) -> _Reputation:
    of_email = next((row for row in week if row["channel"] == "email"), None)
    sent, *heard = (of_email[name] for name in ("sent", "delivered", "bounced", "complained")) if of_email else (0,) * 4
    found = rates(sent, *heard)
    return _Reputation(senders, sent, found, worst(senders or (), found))


async def _counted(visit: Visit) -> _Counted:
    now = visit.house.clock()
    async with visit.house.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        week = await answers(connection, visit.store_id, now)
        carried = await by_provider(connection, visit.store_id, now)
        found = await readings(connection)
    read = [{"topic": one.topic, "unread": one.unread, "at": one.newest_at, "state": one.state(now)} for one in found]
    return _Counted(week, carried, read)


async def _pauses(visit: Visit) -> list[dict[str, Any]]:
    return await or_none(visit.house.notifier.pauses(visit.store_id)) or []


async def _letters(visit: Visit) -> Sequence[Waiting] | None:
    """What was put aside, by topic; None where nobody can say."""
    return await or_none(visit.house.letters.counts())
