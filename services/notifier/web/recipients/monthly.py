"""What somebody would like to have every month, or as often as the store says: the page behind the link of the letter
that it has arrived, and the one that confirms it, behind the link of the message that asks for that. Only a POST
changes anything.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse

from libs.erasure import store as erasure
from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.http.problems import Problem
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection
from services.notifier.cart_client import CartUnavailableError
from services.notifier.db import monthly_wishes
from services.notifier.db.monthly_wishes import Question
from services.notifier.domain.confirmation import LINK_DAYS
from services.notifier.domain.kinds.monthly_confirmation import ASKED_DAYS, ASKED_WITH, KIND, products_of
from services.notifier.domain.short_link import hashed, is_short
from services.notifier.domain.unsubscribe_link import Unsubscription
from services.notifier.handlers.monthly import confirm, wish
from services.notifier.rendering.again import how_often
from services.notifier.rendering.phrases import Wording
from services.notifier.web.deps import Given, Services
from services.notifier.web.recipients.pages import BROKEN_OR_ENDED, IN_THEIR_LANGUAGE, page, words_for

WISH, CONFIRM = "/m/{token}", "/s/{token}"
WISH_PAGE, CONFIRM_PAGE = "monthly_page", "monthly_confirm_page"
_ANSWERS: dict[int | str, dict[str, Any]] = {200: IN_THEIR_LANGUAGE, 404: BROKEN_OR_ENDED}
Token = Annotated[str, Path(description="The secret of a letter with the question.", examples=["Zm9vYmFyYmF"])]

router = APIRouter(tags=["recipients"])


@router.head(WISH, include_in_schema=False)
@router.get(WISH, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def ask_whether_monthly(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Asks whether products of the order should come again. Scanners get here too: it changes nothing."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        asked = await _asked(connection, services, token)
    return await _question(request, services, asked, WISH_PAGE)


@router.post(WISH, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def wish_monthly(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Writes the wish down, and sends a message to confirm it, a second one at most; nothing is ordered by it."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        asked = await _asked(connection, services, token)
    if asked is None:
        return await page(request, services, None, "broken", section=WISH_PAGE)
    skus, words = await _skus(services, asked), await words_for(request, services, _who(asked))
    wording = words.show(f"{WISH_PAGE}.question", _facts(services, asked, words))
    waits = False
    if skus:
        async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await erasure.hold(connection, alone=False)
            if await _asked(connection, services, token) == asked:  # erased since
                waits = await wish(connection, replace(asked, skus=skus), wording, services.clock())
    return await page(request, services, _who(asked), "done" if waits else "over", section=WISH_PAGE, words=words)


@router.head(CONFIRM, include_in_schema=False)
@router.get(CONFIRM, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def ask_before_confirming_monthly(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Shows what the button will do. Scanners get here too: it changes nothing."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        asked = await _to_confirm(connection, services, token)
    return await _question(request, services, asked, CONFIRM_PAGE)


@router.post(CONFIRM, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def confirm_monthly(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Takes the yes, of which the shop is told once (`subscription.requested`); again it changes nothing."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        asked = await _to_confirm(connection, services, token)
    if asked is None:
        return await page(request, services, None, "broken", section=CONFIRM_PAGE)
    words = await words_for(request, services, _who(asked))
    wording = words.show(f"{CONFIRM_PAGE}.question", _facts(services, asked, words))
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        await erasure.hold(connection, alone=False)
        done = await confirm(connection, asked, wording, services.clock())
    return await page(request, services, _who(asked), "done" if done else "over", section=CONFIRM_PAGE, words=words)


async def _asked(connection: Connection, services: Services, token: str) -> Question | None:
    """The letter of a link, as long as its store asks."""
    if not is_short(token):
        return None
    found = await monthly_wishes.asked(connection, hashed(token), ASKED_WITH, ASKED_DAYS)
    store = services.stores.get(found.store_id) if found else None
    if found is None or store is None or store.ask_monthly is not True:
        return None
    return replace(found, every=store.repeat_every)


async def _to_confirm(connection: Connection, services: Services, token: str) -> Question | None:
    if not is_short(token):
        return None
    found = await monthly_wishes.to_confirm(connection, hashed(token), KIND, LINK_DAYS)
    return found if found is not None and found.store_id in services.stores else None


async def _question(request: Request, services: Services, asked: Question | None, section: str) -> HTMLResponse:
    words = await words_for(request, services, _who(asked))
    known = {"every": how_often(asked.every, words)} if asked else {}
    button = asked is not None
    return await page(
        request, services, _who(asked), "question", button=button, section=section, words=words, known=known
    )


async def _skus(services: Services, asked: Question) -> tuple[str, ...]:
    """Of the products as the order stands now. Raises `Problem` 503."""
    try:
        found = await services.carts.look_at_customer(asked.store_id, asked.customer_id, asked.order_id, None)
    except CartUnavailableError:
        raise Problem(503, "unavailable", "The order can't be asked for at the moment.") from None
    marked = services.stores[asked.store_id].repeat_products
    return tuple(line.sku for line in products_of(found.order, marked)) if found else ()


def _facts(services: Services, asked: Question, words: Wording) -> dict[str, str]:
    return {"store": services.stores[asked.store_id].name, "every": how_often(asked.every, words)}


def _who(asked: Question | None) -> Unsubscription | None:
    return None if asked is None else Unsubscription(asked.store_id, asked.customer_id, asked.channel)
