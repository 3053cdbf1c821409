"""Whether a link to a cart still opens it, whatever it shows then. Pure."""

from collections.abc import Mapping
from datetime import datetime

from services.cart.cart import Status
from services.cart.refusals import Refusal
from services.cart.tokens import Recovery, Share


def opened(link: Recovery | Share, status: Status, epoch: int, now: datetime, gone: Mapping[str, str]) -> None:
    """Returns where the link opens its cart. `gone` says by the cart's status what became of it, for people.

    Raises `Refusal`: link-expired, link-revoked, cart-gone (with the cart's status).
    """
    if link.expires_at <= now:
        raise Refusal("link-expired", "This link has expired.")
    if link.epoch != epoch:
        raise Refusal("link-revoked", "This link does not hold any more.")
    if status != "active":
        raise Refusal("cart-gone", gone[status], cart_status=status)
