"""The short way back to a cart: a link of a text, answered with the long one that the cart service makes now."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from libs.contracts.utm_rules import UTM_FACTS
from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.http.problems import Problem
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.cart_client import CartUnavailableError
from services.notifier.db import short_links
from services.notifier.domain.click import suspicion
from services.notifier.domain.coupons import with_coupon
from services.notifier.domain.short_link import CART_DAYS, hashed, is_short
from services.notifier.domain.utm import with_utm
from services.notifier.handlers.clicks import take_click
from services.notifier.web.deps import Given
from services.notifier.web.recipients.pages import BROKEN_OR_ENDED, SAFE, page

PATH = "/c/{token}"
Token = Annotated[str, Path(description="The secret of a message's link to its cart.", examples=["Zm9vYmFyYmF"])]

router = APIRouter(tags=["recipients"])


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    response_class=RedirectResponse,
    status_code=302,
    responses={302: {"description": "To the cart"}, 404: BROKEN_OR_ENDED},
    openapi_extra=refuses("unavailable"),
)
@tolerates_unknown
async def open_cart(request: Request, token: Token, services: Given) -> Response:
    """Leads to the cart that the message was about, for thirty days. Whoever has the link may open it.

    The first click of a message is told as `message.clicked` some seconds later, and the first that may be a
    machine's as `suspected`.
    """
    found = None
    if is_short(token):
        async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await short_links.leads_to(connection, hashed(token), CART_DAYS)
    if found is None:
        return await page(request, services, None, "broken")
    try:
        look = await services.carts.look(found.store_id, found.cart_id)
    except CartUnavailableError:
        raise Problem(503, "unavailable", "The cart can't be asked for at the moment.") from None
    if look is None:
        return await page(request, services, None, "broken")
    why = suspicion(request.method, request.headers, found.since_sent)
    if not found.clicked and not (why and found.suspected):
        await take_click(services.pool, found.reminder_id, why, services.clock())
    headers = {name: SAFE[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")}
    url = with_coupon(look.recovery_url, found.coupon) if found.coupon else look.recovery_url
    if store := services.stores.get(found.store_id):
        url = with_utm(url, store, {name: getattr(found, name) for name in UTM_FACTS})
    return RedirectResponse(url, 302, headers)
