"""The preference centre: what a recipient gets, by channel and purpose, behind a link of their message."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse

from libs.http.body import body_of, body_within
from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection
from services.notifier.db import preferences
from services.notifier.db.preferences import Link
from services.notifier.domain.confirmation import KIND
from services.notifier.domain.preferences import AGREEABLE, LINK_DAYS, Preferences, Wish, paused, resumed, saved, undone
from services.notifier.domain.short_link import hashed, is_short
from services.notifier.domain.unsubscribe_link import Unsubscription
from services.notifier.handlers.agreeing import agree
from services.notifier.handlers.clicks import note_visit
from services.notifier.handlers.preferences import change, read
from services.notifier.rendering.phrases import Wording
from services.notifier.rendering.preference_page import SECTION, Said, preference_page, proof, question
from services.notifier.web.deps import Given, Services
from services.notifier.web.recipients.pages import BROKEN_OR_ENDED, IN_THEIR_LANGUAGE, SAFE, page, words_for

PATH = "/p/{token}"
BODY_MOST = 8192
DONE = {"save": "saved", "pause": "paused", "resume": "resumed", "undo": "undone"}
_ANSWERS: dict[int | str, dict[str, Any]] = {200: IN_THEIR_LANGUAGE, 404: BROKEN_OR_ENDED}
_BODY = body_of(
    {
        "type": "object",
        "properties": {
            "do": {"type": "string", "enum": [*DONE]},
            "shown": {"type": "array", "items": {"type": "string"}},
            "email": {"type": "array", "items": {"type": "string"}},
            "change": {"type": "string"},
            "agree": {"type": "string", "enum": [*AGREEABLE]},
        },
    },
    {"do": "save", "shown": ["email"], "email": ["cart_reminders"]},
    "application/x-www-form-urlencoded",
) | {"required": False}
Token = Annotated[str, Path(description="The secret of a message's link to unsubscribe.", examples=["Zm9vYmFyYmF"])]
Form = dict[str, list[str]]

router = APIRouter(tags=["recipients"])


@router.head(PATH, include_in_schema=False)
@router.get(PATH, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def show_preferences(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Shows what somebody gets by which channel, their addresses masked. Scanners get here too: it changes nothing."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        link = await _link(connection, services, token)
        stands = await read(connection, link) if link else None
    if link is None or stands is None:
        return await page(request, services, None, "broken", section=SECTION)
    await note_visit(services.pool, token, "preferences")
    return _page(services, link, await words_for(request, services, _who(link)), stands)


@router.post(
    PATH,
    response_class=HTMLResponse,
    responses=_ANSWERS,
    openapi_extra=refuses("body-too-large", "unavailable", requestBody=_BODY),
)
@tolerates_unknown
async def change_preferences(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Does what a button of the page says, without a log-in: `save` the ticks of the channels that are `shown`, `pause`
    for 30 days, `resume`, or `undo` a change. It holds for the next message. `agree` alone says yes to a channel that
    was never agreed to. Anything else changes nothing.
    """
    form = _form(request, await body_within(request, BODY_MOST))
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        link = await _link(connection, services, token)
    if link is None:
        return await page(request, services, None, "broken", section=SECTION)
    words = await words_for(request, services, _who(link))
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        await preferences.lock(connection, link.store_id, link.customer_id)
        stands = await read(connection, link)
        if "agree" in form:
            return await _agree(connection, services, link, words, form["agree"][0], stands)
        wish = await _wish(connection, link, form, stands, services)
        wording = proof(services.stores[link.store_id], words, stands, wish)
        changed = await change(connection, link, stands, wish, wording, services.clock())
        now = await read(connection, link)
    phrase = DONE[form["do"][0]] if wish else "unchanged"
    return _page(services, link, words, now, Said(phrase, changed if phrase in ("saved", "paused") else None))


async def _agree(
    connection: Connection, services: Services, link: Link, words: Wording, channel: str, stands: Preferences
) -> HTMLResponse:
    """Says yes to a channel in the words of the page, within the caller's transaction."""
    wording = question(services.stores[link.store_id], words)
    done = await agree(connection, link, stands, channel, wording, services.clock())
    return _page(services, link, words, stands, Said("agreed" if done else "unchanged"))


async def _wish(connection: Connection, link: Link, form: Form, stands: Preferences, services: Services) -> Wish:
    now = services.clock()
    match form.get("do", [""])[0]:
        case "save":
            shown = set(form.get("shown", ()))
            return saved(stands, {channel: frozenset(form.get(channel, ())) for channel in shown})
        case "pause":
            return paused(stands, now)
        case "resume":
            return resumed(stands, now)
        case "undo":
            number = form.get("change", [""])[0]
            known = await preferences.change(connection, link, int(number)) if _is_number(number) else None
            return undone(stands, Wish.of_json(known[0]), Wish.of_json(known[1]), now) if known else Wish({})
    return Wish({})


async def _link(connection: Connection, services: Services, token: str) -> Link | None:
    """The message of a link, if that is ours and not too old; whom a question was sent to has no preferences yet."""
    if not is_short(token):
        return None
    found = await preferences.of_link(connection, hashed(token), KIND, LINK_DAYS)
    return found if found is not None and found.store_id in services.stores else None


def _page(
    services: Services, link: Link, words: Wording, stands: Preferences, said: Said | None = None
) -> HTMLResponse:
    html = preference_page(services.stores[link.store_id], words, stands, services.clock(), said)
    return HTMLResponse(html, 200, SAFE)


def _form(request: Request, body: bytes) -> Form:
    """What a browser has sent; nothing where it is no form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    try:
        return parse_qs(body.decode(), max_num_fields=100)
    except ValueError:
        return {}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _who(link: Link) -> Unsubscription:
    return Unsubscription(link.store_id, link.customer_id, link.channel)
