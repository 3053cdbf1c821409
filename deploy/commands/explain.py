"""`evercart explain`: why somebody was or was not reminded, and what is planned."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from deploy.commands.completion import complete
from deploy.commands.installation import (
    Installation,
    KeyFile,
    NotifierUrl,
    TriggerUrl,
    Url,
    asked_for,
    told_in_a_line,
)
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.traffic.why import ReminderLine

Rows = list[dict[str, Any]]


class Told(NamedTuple):
    """The cart's carts, the notifier's messages, the trigger's decisions, what it says is `ahead` by cart, what is
    watched, and what else happened.
    """

    carts: Rows
    messages: Rows
    decisions: Rows
    ahead: dict[str, Rows]
    watches: Rows = []  # noqa: RUF012 - never changed
    occasions: Rows = []  # noqa: RUF012 - as above


def explain(
    customer: Annotated[str | None, typer.Option(metavar="ID", help="A customer.")] = None,
    cart: Annotated[str | None, typer.Option(metavar="ID", help="A cart.")] = None,
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Whoever has this e-mail address or telephone number.")
    ] = None,
    store: Annotated[str, typer.Option(help="The store's id.")] = "demo",
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    url: Url = None,
    trigger_url: TriggerUrl = None,
    notifier_url: NotifierUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Show why messages were or were not sent, and what is planned, for a customer, a cart, or whoever has an address.

    Asks a running stack, or with --url any installation.
    """
    if [customer, cart, address].count(None) != 2:
        raise typer.BadParameter("name a --customer, a --cart or an --address")
    with told_in_a_line():
        asked = asked_for(
            state, stack, store, url=url, trigger_url=trigger_url, notifier_url=notifier_url, key_file=key_file
        )
        customers = complete(customers_at(asked, store, address)) if address else [customer]
        for one in customers:
            explain_customer(asked, store, one, cart)


def explain_customer(asked: Installation, store: str, customer: str | None, cart: str | None = None) -> None:
    """Prints what became of a customer's carts, or of one. Ends the command where nobody knows them."""
    told = complete(_ask(asked, store, customer, cart))
    if not any(told):
        print(f"evercart: nobody knows the customer {customer!r} in the store {store}", file=sys.stderr)
        raise typer.Exit(1)
    _show(told)


async def customers_at(asked: Installation, store_id: str, address: str) -> list[str]:
    """Who has an address. Raises `LocalStackError` where nobody has."""
    from urllib.parse import quote

    from deploy.local.errors import LocalStackError

    body = {"address": address}
    found = (await asked.notifier.call("POST", f"/v1/stores/{quote(store_id)}/customers/find", body))["customer_ids"]
    if not found:
        raise LocalStackError(f"Nobody in the store {store_id} has this address.")
    return list(found)


async def _ask(asked: Installation, store_id: str, customer: str | None, cart: str | None) -> Told:
    """Asks the three services, page by page."""
    from urllib.parse import quote

    from deploy.traffic.cart_api import CartApi, Store

    base, who = f"/v1/stores/{quote(store_id)}", quote(customer or cart or "", safe="")
    kind = "customer" if customer else "cart"
    if customer:
        carts: Rows = [
            one async for page in asked.cart.pages(f"{base}/carts?customer_id={who}") for one in page["carts"]
        ]
    else:
        async with asked.cart.client() as http:
            carts = [(await CartApi(http, Store(store_id, "", asked.cart.key)).last_look(cart or ""))["cart"]]
    messages: Rows = [
        one async for page in asked.notifier.pages(f"{base}/messages?{kind}_id={who}") for one in page["messages"]
    ]
    decisions: Rows = []
    ahead: dict[str, Rows] = {}
    watches: Rows = []
    occasions: Rows = []
    async for page in asked.trigger.pages(f"{base}/explain?{kind}={who}"):
        decisions += page["decisions"]
        watches += page.get("watches", [])  # a trigger of before knows none
        occasions += page.get("occasions", [])  # as above
        ahead |= {one["cart_id"]: one["ahead"] for one in page["carts"]}
    return Told(carts, messages, decisions, ahead, watches, occasions)


def _show(told: Told) -> None:
    from rich.console import Console

    from deploy.traffic.why import amount, asked_for, cart_in_words, planned, swallowed

    console, messages, decisions = Console(highlight=False), told.messages, told.decisions
    if not told.carts:
        console.print("There is no cart.")
    for cart in told.carts:
        about = asked_for(_of(cart["id"], messages)) + swallowed(_of(cart["id"], decisions), messages)
        lines = sorted(about, key=lambda one: one.due_at) + planned(told.ahead.get(cart["id"], []))
        total = amount(cart) if cart["currency"] else "nothing in it"
        console.print(
            f"[bold]cart {cart['id']}[/] version {cart['version']}, {cart['units']} units, {total}", soft_wrap=True
        )
        console.print(cart_in_words(cart), soft_wrap=True)
        _print(console, lines)
    for one in told.watches:
        console.print(f"[bold]watches {one['sku']}[/] since {one['set_at']}: {one['why']}", soft_wrap=True)
    for one in told.occasions:
        order = f" {one['order_id']}" if one["order_id"] else ""
        console.print(f"[bold]{one['subject']}{order}[/] {one['since']}: {one['why']}", soft_wrap=True)
        if one["ahead"]:
            _print(console, planned(one["ahead"]))
    shown = {cart["id"] for cart in told.carts}
    for cart_id in dict.fromkeys(one["cart_id"] for one in messages + decisions if one["cart_id"] not in shown):
        what = (
            f"[bold]cart {cart_id}[/] is not among the customer's newest carts" if cart_id else "[bold]about no cart[/]"
        )
        console.print(what, soft_wrap=True)
        _print(console, asked_for(_of(cart_id, messages)) + swallowed(_of(cart_id, decisions), messages))


def _of(cart_id: str, rows: Rows) -> Rows:
    return [one for one in rows if one["cart_id"] == cart_id]


def _print(console: "Console", lines: "list[ReminderLine]") -> None:
    from rich.table import Table

    table = Table("due (UTC)", "reminder", "state", "why", box=None, pad_edge=False)
    for one in lines:
        table.add_row(f"{one.due_at:%Y-%m-%d %H:%M:%S}", one.what, one.became, one.why)
    console.print(table if table.row_count else "No reminder was asked for.")
    console.print()
