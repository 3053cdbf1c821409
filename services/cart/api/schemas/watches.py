"""What is waited for."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from services.cart.domain.commands import like


class Watch(BaseModel):
    """Somebody waits for an item since `set_at`, until they are told, order it, or it is `until`."""

    model_config = like(
        {
            "watch_id": "9b2f4a1e-6f0d-4c57-8a56-0f6d1c7e2b13",
            "sku": "tea-100",
            "options": {"size": "100 g"},
            "title": "Mountain tea",
            "url": "https://shop.example/products/tea-100",
            "image_url": "https://shop.example/tea-100.jpg",
            "set_at": "2026-03-14T15:09:26Z",
            "until": "2026-09-10T15:09:26Z",
        }
    )

    watch_id: UUID
    sku: str
    options: dict[str, str]
    title: str | None
    url: str | None
    image_url: str | None
    set_at: AwareDatetime
    until: AwareDatetime


class Watches(BaseModel):
    """All that somebody waits for, the longest first."""

    watches: list[Watch]
