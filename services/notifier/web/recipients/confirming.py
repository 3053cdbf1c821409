"""Saying yes to reminders: the page behind the link of the first message to an address that somebody has left."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse

from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import confirmations
from services.notifier.domain.confirmation import LINK_DAYS
from services.notifier.domain.short_link import hashed, is_short
from services.notifier.domain.unsubscribe_link import Unsubscription
from services.notifier.handlers.confirmations import confirm
from services.notifier.web.deps import Given, Services
from services.notifier.web.recipients.pages import BROKEN_OR_ENDED, IN_THEIR_LANGUAGE, page, words_for

PATH = "/y/{token}"
SECTION = "confirm_page"
_ANSWERS: dict[int | str, dict[str, Any]] = {200: IN_THEIR_LANGUAGE, 404: BROKEN_OR_ENDED}
Token = Annotated[str, Path(description="The secret of a question whether to remind.", examples=["Zm9vYmFyYmF"])]

router = APIRouter(tags=["recipients"])


@router.head(PATH, include_in_schema=False)
@router.get(PATH, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def ask_before_confirming(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Shows what the button will do, and nothing of whose address it is. Scanners and previews get here too: it changes
    nothing.
    """
    asking = await _read(services, token)
    return await page(request, services, _who(asking), "question", button=asking is not None, section=SECTION)


@router.post(PATH, response_class=HTMLResponse, responses=_ANSWERS, openapi_extra=refuses("unavailable"))
@tolerates_unknown
async def confirm_address(request: Request, token: Token, services: Given) -> HTMLResponse:
    """Lets reminders be sent to the address that was asked, for all who have left it; again it changes nothing."""
    asking = await _read(services, token)
    if asking is None:
        return await page(request, services, None, "broken", section=SECTION)
    words = await words_for(request, services, _who(asking))
    wording = words.show(f"{SECTION}.question", {"store": services.stores[asking.store_id].name})
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        left = await confirm(connection, asking, wording, services.clock())
    return await page(request, services, _who(asking), "done" if left else "over", section=SECTION, words=words)


async def _read(services: Services, token: str) -> confirmations.Question | None:
    if not is_short(token):
        return None
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        asking = await confirmations.question(connection, hashed(token), LINK_DAYS)
    return asking if asking is not None and asking.store_id in services.stores else None


def _who(asking: confirmations.Question | None) -> Unsubscription | None:
    return None if asking is None else Unsubscription(asking.store_id, asking.customer_id, asking.channel)
