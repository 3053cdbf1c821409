"""Views: what customers looked at, kept for a while where the store says so. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field
from pydantic.config import JsonDict

from libs.contracts.events import ProductViewed
from services.cart.domain.cart import Context
from services.cart.domain.commands import Body, HttpUrl, Title, like
from services.cart.domain.errors import Refusal
from services.cart.domain.goods import GoodsName
from services.cart.domain.store import Store

MAX_AT_ONCE = 50
MAX_VIEWS = 100
"""Of one customer: the oldest go."""
KEPT = timedelta(days=30)
"""Nobody remembers for longer what they looked at."""

VIEW: JsonDict = {"sku": "tea-100", "title": "Mountain tea", "url": "https://shop.example/products/tea-100"}


class View(Body):
    """Somebody looked at a product. A message calls it by its `title` (its sku where there is none), shows its picture,
    and leads to its `url` where those are the shop's.
    """

    model_config = like(VIEW)

    sku: GoodsName
    title: Title | None = None
    url: HttpUrl | None = None
    image_url: HttpUrl | None = None


class ViewProducts(Body):
    """Tells what somebody looked at, in that order: one or several products at once."""

    model_config = like({"views": [VIEW, {"sku": "pot-2", "title": "Clay pot"}]})

    views: tuple[View, ...] = Field(min_length=1, max_length=MAX_AT_ONCE)


def kept_by(store: Store) -> None:
    """Raises `Refusal` views-off where the store keeps nothing of what its customers look at."""
    if store.views == "off":
        raise Refusal("views-off", "The store keeps nothing of what its customers look at.")


def each_once(views: Sequence[View]) -> list[View]:
    """Of each item what was said last, in the order in which they were looked at last."""
    found: dict[str, View] = {}
    for view in views:
        found.pop(view.sku, None)
        found[view.sku] = view
    return list(found.values())


def viewed_event(store_id: str, customer_id: str, views: Sequence[View], context: Context) -> ProductViewed:
    """What the others are told of it."""
    return ProductViewed(
        event_id=context.new_id(),
        occurred_at=context.now,
        store_id=store_id,
        customer_id=customer_id,
        skus=tuple(view.sku for view in views),
    )
