"""A message that a shop's server asks for: of which kind it is, and what it has to say for that. Pure."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from services.notifier.domain.kinds.registry import KINDS, OF_SHOPS
from services.notifier.domain.kinds.shop_message import LINK

RESERVED: Final = frozenset(
    {
        *("store", "name", "title", "first", "coupon", "and_more", "order_id", "n", "was", "now", "savings", "until"),
        *("units_left", "url", "unsubscribe_url", "preferences_url", "recovery_url", "lang", "subject", "preheader"),
        *("heading", "body", "button", "badge", "greeting", "rows", "more", "total", "total_label", "accent", "filler"),
        *("on_accent", "logo_url", "postal_address", "note", "why", "unsubscribe", "preferences", "message", "stop"),
        *("code", "coupon_until", "times_abandoned", "first_time", "monthly", "monthly_url", LINK),
    }
)
"""What a message knows by itself, or says: no variable of a shop's is called so."""
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "abandoned_cart": ("cart_id",),
    "abandoned_checkout": ("cart_id",),
    "low_stock": ("cart_id", "sku"),
    "price_drop": ("cart_id", "sku", "price"),
    "back_in_stock": ("sku",),
    "browse": ("viewed",),
    "post_purchase": ("order_id",),
    **{kind: ("order_id",) for kind in KINDS if kind.startswith("order_")},
}
"""What has to be said of a message of a kind; of others it is the customer alone."""
NOT_HANDED_OVER: Final = frozenset({"confirmation", "monthly_confirmation"})
"""What is asked when a profile or a wish says so, and never for a shop that would like to know."""
_IDS: Final = UUID("b0c2f0a4-6c3e-5f4b-8a51-6d3f5a8e1c70")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


class NotHandedOverError(ValueError):
    """It can't be sent; the message says why, in words for whoever asks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message is asked for with: the template that ships is of a kind, one of the shop's own has none."""

    template: str
    purpose: str
    given: Collection[str]


def kind_for(asked: Asked, shipped: str | None) -> str:
    """Of which kind it is: that of the template, where it ships, else the shop's own one of its purpose.

    Raises `NotHandedOverError` where the purpose is not the template's, or something is missing that it speaks of.
    """
    if shipped is None:
        return OF_SHOPS[asked.purpose]
    if shipped in NOT_HANDED_OVER:
        raise NotHandedOverError(
            f"{asked.template} is sent when a profile or a wish waits for a yes, and at no other time"
        )
    purpose = KINDS[shipped].purpose
    if purpose != asked.purpose:
        raise NotHandedOverError(f"the purpose of {asked.template} is {purpose}")
    if missing := [name for name in NEEDS.get(shipped, ()) if name not in asked.given]:
        raise NotHandedOverError(f"{asked.template} needs {' and '.join(missing)}")
    return shipped


def check_variables(given: Mapping[str, str], declared: Collection[str]) -> None:
    """Raises `NotHandedOverError` for a variable that is missing, empty, or not one that the template declares."""
    if missing := sorted(name for name in declared if not given.get(name, "").strip()):
        raise NotHandedOverError(f"the template needs the variable {', '.join(missing)}")
    if unknown := sorted(set(given) - set(declared)):
        raise NotHandedOverError(f"the template declares no variable {', '.join(unknown)}")


def declared_in(words: str) -> tuple[str, ...]:
    """The names in the phrase `variables` of a template. Raises `NotHandedOverError` for one that can't be one."""
    names = tuple(words.split())
    if wrong := [name for name in names if not _NAME.fullmatch(name) or name in RESERVED]:
        raise NotHandedOverError(f"{wrong[0]} can't be the name of a variable")
    return names


def message_id_of(store_id: str, key: str) -> UUID:
    """The id of a message: the same of the same store and key, so that it is one however often it is asked for."""
    return uuid5(_IDS, f"{store_id}\x1f{key}")


def fingerprint(said: Mapping[str, Any]) -> str:
    """What two requests have in common that ask for the same."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
