"""Who changed a cart where that was no shopper: whom no campaign is for unless it says so. Pure."""

from collections.abc import Collection
from typing import Literal

from services.trigger.domain.strict import Strict

Origin = Literal["staff", "bot", "import"]
ORIGINS: tuple[Origin, ...] = ("staff", "bot", "import")


class NotOf(Strict):
    """Whose carts a campaign is not for."""

    none: tuple[Origin, ...] = ORIGINS


def why_no_shopper(origin: str | None, none: Collection[str] = ORIGINS) -> str | None:
    """Why a cart is not one of a shopper: `origin_staff`, `origin_bot`, `origin_import`; None where it may be.

    A word from the future is somebody who is no shopper, too.
    """
    if origin is None or (origin in ORIGINS and origin not in none):
        return None
    return f"origin_{origin}" if origin in ORIGINS else "origin_other"
