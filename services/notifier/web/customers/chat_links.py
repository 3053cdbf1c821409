"""Links by which a customer starts a chat with the store, for its servers to show: the chat is then tied to them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Security
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from libs.contracts.events import GUESTS
from libs.http.deps import StoreId, authorize
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import contacts
from services.notifier.domain.chat_link import COUNTS
from services.notifier.web.deps import STORE_PATH, Given
from services.notifier.web.schemas import AT, like

PATH = STORE_PATH + "/customers/{customer_id:path}/chat-link"
CustomerId = Annotated[str, Path(description="The customer; slashes may be in it.", examples=["anna"])]
OnChannel = Annotated[str, Query(description="The channel of the chat.", examples=["telegram"])]

router = APIRouter(tags=["customers"], dependencies=[Security(authorize)])


class ChatLink(BaseModel):
    """A link, and until when it counts: whoever opens it starts a chat, and agrees to reminders there."""

    model_config = like({"url": "https://t.me/nordwind_bot?start=aXNvbWV0aGluZ3NpZ25lZA", "expires_at": AT})

    url: str
    expires_at: AwareDatetime


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    responses={200: {"model": ChatLink, "description": "The link"}},
    openapi_extra=refuses("unauthorized", "invalid-request", "unknown-store", "unknown-customer", "unavailable"),
)
async def make_chat_link(
    store_id: StoreId, customer_id: CustomerId, services: Given, channel: OnChannel = "telegram"
) -> Response:
    """Signed for this customer, whose profile has to be known here. To be shown to nobody else: whoever opens it gets
    the customer's reminders.
    """
    made = CHANNELS[channel].start_url if channel in CHANNELS else None
    if made is None:
        raise Problem(422, "invalid-request", "There are no links that start a chat on this channel.")
    store = services.stores.get(store_id)
    if store is None:
        raise Problem(404, "unknown-store", "Nothing was heard of this store yet.")
    sender = store.sender(channel)
    if sender is None:
        raise Problem(422, "invalid-request", "The store names no sender on this channel.")
    if customer_id.startswith(GUESTS):
        raise Problem(404, "unknown-customer", "A guest has no profile that a chat could stand in.")
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        name = await contacts.name_of(connection, store_id, customer_id)
    if name is None:
        raise Problem(404, "unknown-customer", "Nothing is known of this customer.")
    until = (services.clock() + COUNTS).replace(microsecond=0)
    return unkept({"url": made(sender, services.chat_links.payload(channel, name, until)), "expires_at": until})
