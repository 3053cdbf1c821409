"""Dead letters: what the services could not handle, by topic; put back, or taken as dealt with. Never what they say."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from libs.contracts.topics import FEEDS, LIVE
from services.console.clients.dead_letters import LettersShown
from services.console.domain.people import EVERY_STORE
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/letters")
Replaying = Annotated[Visit, Depends(of_store("letters:replay"))]
Way = Literal["put_back", "dismiss"]
TOPICS = frozenset(one.name for one in LIVE + FEEDS)
"""Those that records are put aside of."""


@router.get("")
async def list_letters(visit: Replaying, topic: str, done: str = "", n: int = 0) -> Response:
    """Those of a topic that wait, the oldest first."""
    return page(visit, "letters.html", found=await _found(visit, topic), done=done, n=n)


@router.get("/put-back")
async def ask_before_putting_back(visit: Replaying, topic: str) -> Response:
    """Says what putting back means."""
    return await _ask(visit, topic, "put_back")


@router.post("/put-back")
async def put_back(visit: Replaying) -> Response:
    """Puts back all that waited when it was asked for."""
    topic, through = _named(visit)
    done = await visit.house.actions.put_back(visit.person, visit.store_id, topic, through)
    return _to_list(visit, topic, "letters_put_back", done)


@router.get("/dismiss")
async def ask_before_dismissing(visit: Replaying, topic: str) -> Response:
    """Says what it means that nobody handles them."""
    return await _ask(visit, topic, "dismiss")


@router.post("/dismiss")
async def dismiss(visit: Replaying) -> Response:
    """Takes all that waited when it was asked for as dealt with."""
    topic, through = _named(visit)
    done = await visit.house.actions.dismiss(visit.person, visit.store_id, topic, through)
    return _to_list(visit, topic, "letters_dismissed", done)


async def _ask(visit: Visit, topic: str, way: Way) -> Response:
    return page(visit, "letters_ask.html", found=await _found(visit, topic), way=way)


async def _found(visit: Visit, topic: str) -> LettersShown:
    _of_all_stores(visit)
    if topic not in TOPICS:
        raise PageRefusal(404, "not_found")
    return await visit.house.letters.shown(topic)


def _named(visit: Visit) -> tuple[str, int]:
    _of_all_stores(visit)
    topic, through = visit.form.get("topic", ""), visit.form.get("through", "")
    if not through.isdecimal() or len(through) > 18 or topic not in TOPICS:
        raise PageRefusal(422, "bad_request")
    return topic, int(through)


def _of_all_stores(visit: Visit) -> None:
    """A topic has the letters of every store: whoever sees one alone has no say in it."""
    if not visit.person.sees(EVERY_STORE):
        raise PageRefusal(403, "forbidden")


def _to_list(visit: Visit, topic: str, done: str, n: int) -> Response:
    return RedirectResponse(path_of("stores", visit.store_id, "letters", topic=topic, done=done, n=n), 303)
