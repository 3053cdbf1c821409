"""`evercart explain`: why somebody was or was not reminded."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.completion import complete
from deploy.commands.installation import (
    Installation,
    KeyFile,
    NotifierUrl,
    TriggerUrl,
    Url,
    of_stack,
    of_urls,
)
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.traffic.why import ReminderLine
    from services.trigger.domain.campaigns import CampaignFile

Rows = list[dict[str, Any]]


def explain(
    customer: Annotated[str | None, typer.Option(metavar="ID", help="A customer.")] = None,
    cart: Annotated[str | None, typer.Option(metavar="ID", help="A cart.")] = None,
    store: Annotated[str, typer.Option(help="The store's id.")] = "demo",
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    url: Url = None,
    trigger_url: TriggerUrl = None,
    notifier_url: NotifierUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Show why messages were or were not sent, and what is planned, for a customer or a cart.

    Asks a running stack, or with --url any installation.
    """
    from deploy.commands.stack import only_running
    from deploy.local.errors import LocalStackError
    from deploy.traffic.cart_api import RefusedError
    from deploy.traffic.http import HttpError
    from services.trigger.campaigns.registry import CampaignFileError

    if (customer is None) == (cart is None):
        raise typer.BadParameter("name a --customer or a --cart")
    try:
        if url:
            _explain(of_urls(url, trigger_url, notifier_url, key_file), None, store, customer, cart)
        else:
            found = only_running(state.absolute(), stack)
            _explain(of_stack(found, store), found.campaigns, store, customer, cart)
    except (LocalStackError, HttpError, RefusedError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except CampaignFileError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None


def _explain(asked: Installation, own: Path | None, store: str, customer: str | None, cart: str | None) -> None:
    """Asks, and shows what is told; `own` is the folder of campaigns, where that is at hand."""
    told = complete(_ask(asked, store, customer, cart))
    if not any(told):
        print(f"evercart: nobody knows the customer {customer!r} in the store {store}", file=sys.stderr)
        raise typer.Exit(1)
    _show(of_folder(own, store) if own else complete(in_force(asked, store)), *told)


async def _ask(asked: Installation, store_id: str, customer: str | None, cart: str | None) -> "tuple[Rows, Rows, Rows]":
    """Carts, the notifier's messages, the trigger's decisions."""
    from urllib.parse import quote

    from deploy.traffic.cart_api import CartApi, Store

    query = f"customer_id={quote(customer, safe='')}" if customer else f"cart_id={quote(cart or '', safe='')}"
    async with asked.cart.client() as http:
        api = CartApi(http, Store(store_id, "", asked.cart.key))
        carts = await api.carts_of(customer) if customer else [(await api.last_look(cart or ""))["cart"]]
    messages: Rows = (await asked.notifier.get(f"/v1/stores/{quote(store_id)}/messages?{query}"))["messages"]
    who = customer or carts[0]["customer_id"]
    decisions: Rows = []
    if who is not None:
        held = await asked.trigger.get(f"/v1/stores/{quote(store_id)}/customers/{quote(who, safe='')}/export")
        decisions = [one for one in held["decisions"] if cart is None or one["cart_id"] == cart]
        quiet = {one["cart_id"]: one["quiet_since"] for one in held["carts"]}
        carts = [one | {"quiet_since": quiet.get(one["id"])} for one in carts]
    return carts, messages, decisions


def of_folder(campaigns: Path, store_id: str) -> "CampaignFile":
    """What the files of a local stack say for a store. Raises `CampaignFileError`."""
    from services.trigger.campaigns.registry import load_campaigns

    own = campaigns / f"{store_id}.yaml"
    return load_campaigns(own if own.exists() else campaigns / "default.yaml")


async def in_force(asked: Installation, store_id: str) -> "CampaignFile":
    """What the trigger of an installation has switched on for a store."""
    from urllib.parse import quote

    from services.trigger.domain.campaigns import CampaignFile

    told = await asked.trigger.get(f"/v1/stores/{quote(store_id)}/campaigns")
    return CampaignFile.model_validate({"campaigns": [one["campaign"] for one in told["campaigns"]]})


def _show(campaigns: "CampaignFile", carts: Rows, messages: Rows, decisions: Rows) -> None:
    from datetime import UTC, datetime

    from rich.console import Console

    from deploy.traffic.why import amount, asked_for, cart_in_words, planned, swallowed

    console = Console(highlight=False)
    if not carts:
        console.print("There is no cart.")
    for cart in carts:
        about = asked_for(_of(cart["id"], messages)) + swallowed(_of(cart["id"], decisions), messages)
        lines = sorted(about, key=lambda one: one.due_at) + planned(cart, campaigns, datetime.now(UTC), about)
        total = amount(cart) if cart["currency"] else "nothing in it"
        console.print(
            f"[bold]cart {cart['id']}[/] version {cart['version']}, {cart['units']} units, {total}", soft_wrap=True
        )
        console.print(cart_in_words(cart), soft_wrap=True)
        _print(console, lines)
    shown = {cart["id"] for cart in carts}
    for cart_id in dict.fromkeys(one["cart_id"] for one in messages + decisions if one["cart_id"] not in shown):
        console.print(f"[bold]cart {cart_id}[/] is not among the customer's newest carts", soft_wrap=True)
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
