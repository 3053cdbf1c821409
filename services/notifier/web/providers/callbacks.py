"""The addresses at which the providers of a store call back, and when they last did."""

from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Security
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.channels.providers import account_events, account_of, account_replies
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import heard
from services.notifier.domain.store import Store
from services.notifier.web.deps import STORE_PATH, Given, Services, authorize
from services.notifier.web.schemas import like

router = APIRouter(prefix=STORE_PATH, tags=["providers"], dependencies=[Security(authorize)])


class ProviderCallback(BaseModel):
    """An address that is to be set at a provider of the store's."""

    provider: str
    channel: str
    what: Literal["events", "replies"] = Field(
        description="What becomes of messages (delivered, bounced, clicked), or what customers send back."
    )
    url: str
    ready: bool = Field(description="Whether what comes there is taken: the provider's secret for it is set.")
    heard_at: AwareDatetime | None = Field(
        description="When something last came; events of any store, replies of this one. Null: never, or too long ago."
    )


class ProviderCallbacks(BaseModel):
    """All of a store, by channel; of a provider that calls back with nothing there is none."""

    model_config = like(
        {
            "callbacks": [
                {
                    "provider": "postmark",
                    "channel": "email",
                    "what": "events",
                    "url": "https://messages.shop.example/postmark/events",
                    "ready": True,
                    "heard_at": "2026-11-22T10:15:00Z",
                }
            ]
        }
    )

    callbacks: list[ProviderCallback]


@router.head("/callbacks", include_in_schema=False)
@router.get(
    "/callbacks",
    responses={200: {"model": ProviderCallbacks, "description": "The addresses"}},
    openapi_extra=refuses("unauthorized", "unavailable"),
)
async def list_callbacks(store_id: StoreId, services: Given) -> Response:
    """The addresses to be set at the store's providers as their webhooks, and when something last came there."""
    store = services.stores.get(store_id)
    found = list(_callbacks(store, services)) if store is not None else []
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        events = await heard.of_events(connection, sorted({one["provider"] for one in found}))
        replies = await heard.of_replies(connection, store_id)
    for one in found:
        one["heard_at"] = events.get(one["provider"]) if one["what"] == "events" else replies
    return unkept({"callbacks": found})


def _callbacks(store: Store, services: Services) -> Iterator[dict[str, Any]]:
    base = services.public_url.rstrip("/")
    for channel, known in CHANNELS.items():
        for name in store.providers(channel) if store.sender(channel) else ():
            account = account_of(name, known.providers)
            provider = known.providers.get(account[0] if account else name)
            told = {"provider": name, "channel": channel}
            if provider is not None and provider.events is not None:
                ready = name in services.events or bool(account and account_events(name))
                yield told | {"what": "events", "url": f"{base}/{name}/events", "ready": ready}
            if provider is not None and provider.replies is not None:
                ready = name in services.readers or bool(account and account_replies(name))
                yield told | {"what": "replies", "url": f"{base}/{name}/inbound", "ready": ready}
