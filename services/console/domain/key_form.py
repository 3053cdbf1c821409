"""The form by which somebody makes a key: what it asks the cart service for. Pure."""

from collections.abc import Mapping
from typing import Any

SCOPES = (
    "carts:read",
    "carts:write",
    "looks:read",
    "orders:read",
    "orders:write",
    "inventory:read",
    "inventory:write",
    "prices:write",
    "customers:read",
    "customers:write",
    "customers:erase",
    "stores:read",
    "stores:write",
    "keys:write",
    "audit:read",
)
"""What a secret key of the cart service may be made for (a test holds them equal)."""
OFFERED_DAYS = (30, 90, 365)
OFFERED_GRACES = (24, 1, 168, 720, 0)
"""Hours for which the secret before a rotation goes on, the usual one first; the cart service takes up to 30 days."""


def key_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The key that a form asks for: a secret one with scopes, or a publishable one with the origins of its pages."""
    kind = "publishable" if form.get("kind") == "publishable" else "secret"
    asked: dict[str, Any] = {"name": form.get("name", "").strip(), "kind": kind}
    if kind == "publishable":
        asked["origins"] = sorted({one for one in form.get("origins", "").split() if one})
    else:
        asked["scopes"] = [scope for scope in SCOPES if f"scope.{scope}" in form]
    if (days := form.get("days", "")).isdecimal() and int(days) in OFFERED_DAYS:
        asked["expires_in_days"] = int(days)
    return asked


def grace_of(form: Mapping[str, str]) -> int | None:
    """For how many hours the secret until now is to go on; None for what is not offered."""
    given = form.get("grace", "")
    return int(given) if given in {str(hours) for hours in OFFERED_GRACES} else None
