"""`evercart explain`: why somebody was or was not reminded."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from deploy.local.stack import Stack


def explain(
    customer: Annotated[str | None, typer.Option(metavar="ID", help="A customer.")] = None,
    cart: Annotated[str | None, typer.Option(metavar="ID", help="A cart.")] = None,
    store: Annotated[str, typer.Option(help="The store's id.")] = "demo",
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Show why messages were or were not sent, and what is planned, for a customer or a cart of a running stack."""
    from deploy.commands.stack import only_running
    from deploy.local.errors import LocalStackError
    from deploy.traffic.cart_api import RefusedError
    from deploy.traffic.http import HttpError

    if (customer is None) == (cart is None):
        raise typer.BadParameter("name a --customer or a --cart")
    try:
        found = only_running(state.absolute(), stack)
        carts, messages = complete(_ask(found, store, customer, cart))
        _show(found, store, carts, messages)
    except (LocalStackError, HttpError, RefusedError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


async def _ask(
    stack: "Stack", store_id: str, customer: str | None, cart: str | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from urllib.parse import quote

    from deploy.commands.stack import store_of
    from deploy.traffic.cart_api import CartApi, accepted
    from deploy.traffic.http import HttpClient

    store = store_of(stack, store_id)
    query = f"customer_id={quote(customer)}" if customer else f"cart_id={quote(cart or '')}"
    async with HttpClient(stack.cart_url) as cart_http, HttpClient(stack.notifier_url) as notifier_http:
        api = CartApi(cart_http, store)
        carts = await api.carts_of(customer) if customer else [(await api.last_look(cart or ""))["cart"]]
        path = f"/v1/stores/{store_id}/messages?{query}"
        answer = accepted(await notifier_http.request("GET", path, headers=store.server()), "asking the notifier")
        return carts, answer.json()["messages"]


def _show(stack: "Stack", store_id: str, carts: list[dict[str, Any]], messages: list[dict[str, Any]]) -> None:
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.table import Table

    from deploy.traffic.why import amount, asked_for, cart_in_words, planned
    from services.trigger.campaigns.registry import load_campaigns

    own = stack.campaigns / f"{store_id}.yaml"
    campaigns = load_campaigns(own if own.exists() else stack.campaigns / "default.yaml")
    console = Console(highlight=False)
    if not carts:
        console.print("There is no cart.")
    for cart in carts:
        table = Table("due (UTC)", "reminder", "state", "why", box=None, pad_edge=False)
        about = asked_for(m for m in messages if m["cart_id"] == cart["id"])
        for one in about + planned(cart, campaigns, datetime.now(UTC)):
            table.add_row(f"{one.due_at:%Y-%m-%d %H:%M:%S}", one.what, one.became, one.why)
        total = amount(cart) if cart["currency"] else "nothing in it"
        console.print(
            f"[bold]cart {cart['id']}[/] version {cart['version']}, {cart['units']} units, {total}", soft_wrap=True
        )
        console.print(cart_in_words(cart), soft_wrap=True)
        console.print(table if table.row_count else "No reminder was asked for.")
        console.print()
