"""The shapes of what is told of stores, for the OpenAPI document."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, RootModel, create_model

from services.cart.domain.store import SECRETS, Store
from services.cart.stores.registry import Source

EXAMPLE: dict[str, JsonValue] = {
    "name": "Lantern & Loom",
    "currency": "EUR",
    "locale": "en",
    "time_zone": "Europe/Warsaw",
    "merge": "max",
    "recovery_url": "https://shop.example/cart/{token}",
    "origins": ["https://shop.example"],
    "limits": {"lines": 100, "quantity": 20},
    "expiry": {"customer_days": 90, "guest_days": 30},
    "messages": {"email_from": "hello@shop.example", "sms_from": "+15005550006", "accent": "#b45309"},
}
_TOLD: dict[str, Any] = {
    name: (field.annotation, field) for name, field in Store.model_fields.items() if name not in SECRETS
}
_SECRET: dict[str, Any] = {name: (Store.model_fields[name].annotation, None) for name in SECRETS}
StoreSettings = create_model("StoreSettings", __doc__="The settings of a store that are no secret.", **_TOLD)
StoreBody = create_model(
    "StoreBody",
    __doc__="The settings of a store. Secrets that are left out stay as they are.",
    __config__=ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]}),
    **_TOLD,
    **_SECRET,
)


class Given(RootModel[dict[str, JsonValue]]):
    """Settings as they were sent: what they say is judged together with the secrets that are kept."""


class StoreDetails(BaseModel):
    """A store. `source` is who says so; `version` and `updated_at` are null unless that is the API. `secrets` names
    those that are set; they are never told.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "store_id": "shop",
                "source": "api",
                "version": 12,
                "updated_at": "2026-11-22T03:00:00Z",
                "settings": EXAMPLE,
                "secrets": ["jwt_key", "secret_keys"],
            }
        }
    )

    store_id: str
    source: Source
    version: int | None
    updated_at: AwareDatetime | None
    settings: StoreSettings
    secrets: list[str]


class StoreName(BaseModel):
    """A store by its name."""

    store_id: str
    name: str
    source: Source


class StorePage(BaseModel):
    """A page of stores, by id."""

    stores: list[StoreName]
    next: str | None
