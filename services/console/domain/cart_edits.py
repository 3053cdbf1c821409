"""What support changes in a customer's cart, out of a form: one action on the state that was seen. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from libs.contracts.names import plain_name
from libs.money.currencies import exponent

Json = Mapping[str, Any]
NO_CART = "0"
ADD = "add"
"""The form by which something comes in; those of lines go by the id of the line."""
SKU_MOST, TITLE_MOST, QUANTITY_MOST, PRICE_MOST = 100, 300, 999, 10**12
OPTIONS_MOST, OPTION_NAME_MOST, OPTION_VALUE_MOST = 10, 40, 100
_VERSION = re.compile(r"0|[1-9][0-9]{0,18}-[0-9a-f]{12}")
_SAYS = re.compile("[:=]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_QUANTITY = re.compile(r"[0-9]{1,3}", re.ASCII)
_OF_CART = {
    "version-conflict": "stale",
    "idempotency-key-reused": "stale",
    "unknown-line": "stale",
    "request-in-flight": "silent",
    "insufficient-scope": "no_scope",
    "forbidden": "no_scope",
    "unauthorized": "no_scope",
    "currency-mismatch": "currency",
    "currency-not-accepted": "currency",
}


class EditFault(Exception):  # noqa: N818 - an answer to who typed it
    """A change that can't be asked for: `key` is of the page's words, `form` whose form it stands at (none: at all)."""

    def __init__(self, key: str, form: str = "", facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(key)
        self.key, self.form, self.facts = key, form, dict(facts or {})


@dataclass(frozen=True, slots=True)
class CartEdit:
    """One change: `action` as the cart's API takes it, `form` whose it is, `etag` the state that was seen.

    `said` is what the audit keeps of it: goods and numbers, nothing of the customer.
    """

    form: str
    etag: str
    action: dict[str, Any] = field(hash=False)
    said: str


def open_cart(carts: Sequence[Json]) -> Json | None:
    """The cart that the customer buys from; None where there is none."""
    return next((cart for cart in carts if cart["status"] == "active"), None)


def version_of(cart: Json | None) -> str:
    """The entity tag of a cart without its quotes: its version, and the end of its id."""
    return NO_CART if cart is None else f"{cart['version']}-{UUID(cart['id']).hex[-12:]}"


def edit_of(form: Mapping[str, str], carts: Sequence[Json], currency: str) -> CartEdit:
    """The change that a form asks for; a new cart is in `currency`. What an item is called and costs is typed, or as in
    the newest of the customer's own carts. Raises `EditFault`.
    """
    version, line = form.get("version", ""), form.get("line", "")
    if not _VERSION.fullmatch(version):
        raise EditFault("stale")
    etag = f'"{version}"'
    if not line:
        action = _add(form, carts, currency)
        return CartEdit(ADD, etag, action, f"add {action['sku']} x{action['quantity']}")
    line_id = _line_id(line)
    known = next((one for one in _lines(open_cart(carts)) if one["line_id"] == line_id), {})
    sku = known.get("sku", line_id)
    if form.get("do") == "remove":
        return CartEdit(line_id, etag, {"action": "remove", "line_id": line_id}, f"remove {sku}")
    quantity = _quantity(form, line_id, least=0)
    action = {"action": "set", "line_id": line_id, "quantity": quantity}
    return CartEdit(line_id, etag, action, f"set {sku} x{quantity}")


def fault_of(status: int, problem: Json, form: str, *, silent: bool) -> EditFault:
    """What the cart's refusal is in the page's words; what has none is told in the cart's own."""
    if silent:
        return EditFault("silent")
    slug = str(problem.get("type", "")).rpartition(":")[2]
    if slug == "limit-reached" and problem.get("which") in ("lines", "quantity"):
        return EditFault(f"limit_{problem['which']}", form, {"n": problem["limit"]})
    key = _OF_CART.get(slug, "no_scope" if status in (401, 403) else "refused")
    facts = {"detail": str(problem.get("detail", ""))} if key == "refused" else {}
    return EditFault(key, "" if key in ("stale", "silent", "no_scope") else form, facts)


def _add(form: Mapping[str, str], carts: Sequence[Json], currency: str) -> dict[str, Any]:
    sku, title = plain_name(form.get("sku", "")), form.get("title", "").strip()
    if not _fits(sku, SKU_MOST):
        raise EditFault("sku", ADD)
    quantity = _quantity(form, ADD, least=1)
    if title and not _fits(title, TITLE_MOST):
        raise EditFault("title", ADD)
    cart = open_cart(carts)
    sold_in = (cart or {}).get("currency") or currency
    price, options = _price(form.get("price", ""), sold_in), _options(form.get("options", ""))
    known = _known(sku, carts, sold_in, options)
    title, price = title or known.get("title", ""), known.get("price") if price is None else price
    if not title or price is None:
        raise EditFault("unknown", ADD, {"sku": sku})
    shown = {name: known[name] for name in ("image_url", "url") if known.get(name)}
    if chosen := options or known.get("options"):
        shown["options"] = chosen
    named = {"action": "add", "sku": sku, "quantity": quantity, "title": title, "price": price, "currency": sold_in}
    return named | shown


def _options(text: str) -> dict[str, str]:
    """What was typed of the kind that is meant, a line each: `size: 340 g`, or with `=`. Raises `EditFault`."""
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        name, *value = map(plain_name, _SAYS.split(line, maxsplit=1))
        if name in found or not value or not _fits(name, OPTION_NAME_MOST) or not _fits(value[0], OPTION_VALUE_MOST):
            raise EditFault("options", ADD, {"n": OPTIONS_MOST})
        found[name] = value[0]
    if len(found) > OPTIONS_MOST:
        raise EditFault("options", ADD, {"n": OPTIONS_MOST})
    return found


def _fits(text: str, most: int) -> bool:
    """As the cart takes it: `isprintable` would refuse the space of `340 g` that does not break, which shops write."""
    return 0 < len(text) <= most and _CONTROL.search(text) is None


def _known(sku: str, carts: Sequence[Json], currency: str, options: Mapping[str, str]) -> dict[str, Any]:
    """The item as it lies in the customer's carts, the newest first, of the kind that was typed. Raises `EditFault`
    where none was and it lies there in several: which of them is meant nobody has said.
    """
    found = [
        (line, line.get("currency") or cart["currency"])
        for cart in carts
        for line in (*_lines(cart), *cart.get("saved", ()))
        if line["sku"] == sku and (not options or (line.get("options") or {}) == options)
    ]
    if len({tuple(sorted((line.get("options") or {}).items())) for line, _ in found}) > 1:
        raise EditFault("kinds", ADD, {"sku": sku})
    if not found:
        return {}
    newest = dict(found[0][0])
    priced = next((line["price"] for line, sold_in in found if sold_in == currency), None)
    return newest | {"price": priced}


def _lines(cart: Json | None) -> Iterator[Json]:
    yield from () if cart is None else cart.get("lines", ())


def _line_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise EditFault("stale") from None


def _quantity(form: Mapping[str, str], at: str, least: int) -> int:
    given = form.get("quantity", "").strip()
    if not _QUANTITY.fullmatch(given) or int(given) < least:
        raise EditFault("quantity", at, {"least": least, "most": QUANTITY_MOST})
    return int(given)


def _price(text: str, currency: str) -> int | None:
    """What was typed in minor units, with a point or a comma; None where nothing was. Raises `EditFault`."""
    given = text.strip().replace(",", ".")
    if not given:
        return None
    try:
        minor = Decimal(given).scaleb(exponent(currency) or 0)
    except InvalidOperation:
        raise EditFault("price", ADD) from None
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 <= minor <= PRICE_MOST:
        raise EditFault("price", ADD)
    return int(minor)
