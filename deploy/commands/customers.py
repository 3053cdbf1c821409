"""`evercart customers`: one customer on one screen, as support sees them with a customer on the phone."""

from typing import Annotated
from urllib.parse import quote

import typer

from deploy.commands.completion import complete
from deploy.commands.explain import customers_at, explain_customer
from deploy.commands.installation import Installation, KeyFile, NotifierUrl, TriggerUrl, Url, asked_for, told_in_a_line
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

app = typer.Typer(no_args_is_help=True, help="Look at customers.")
UNKNOWN = 404


@app.callback()
def _group() -> None: ...  # keeps `show` a command of its own while it is the only one


@app.command()
def show(
    customer: Annotated[str | None, typer.Option(metavar="ID", help="A customer, by any of their names.")] = None,
    address: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Their e-mail address or telephone.")] = None,
    order: Annotated[str | None, typer.Option(metavar="ID", help="One of their orders.")] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show name and addresses in full.")] = False,
    store: Annotated[str, typer.Option(help="The store's id.")] = "demo",
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    url: Url = None,
    trigger_url: TriggerUrl = None,
    notifier_url: NotifierUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Show who somebody is, how they may be reached, what is closed to them, their carts, and why messages were or were
    not sent. Asks a running stack, or with --url any installation.
    """
    if [customer, address, order].count(None) != 2:
        raise typer.BadParameter("name a --customer, an --address or an --order")
    with told_in_a_line():
        asked = asked_for(
            state, stack, store, url=url, trigger_url=trigger_url, notifier_url=notifier_url, key_file=key_file
        )
        for one in complete(_found(asked, store, customer, address, order)):
            for line in complete(_who(asked, store, one, reveal)):
                print(line)
            explain_customer(asked, store, one)


async def _found(
    asked: Installation, store_id: str, customer: str | None, address: str | None, order: str | None
) -> list[str]:
    from deploy.local.errors import LocalStackError

    if address:
        return await customers_at(asked, store_id, address)
    if not order:
        return [customer or ""]
    told = await asked.cart.get(f"{_store(store_id)}/orders/{quote(order, safe='')}")
    if told["customer_id"] is None:
        raise LocalStackError(f"The order {order} is a guest's: it names no customer.")
    return [told["customer_id"]]


async def _who(asked: Installation, store_id: str, customer_id: str, reveal: bool) -> list[str]:
    from deploy.traffic.cart_api import RefusedError
    from deploy.traffic.who import closed_in_words, names_in_words, profile_in_words

    base, who = _store(store_id), quote(customer_id, safe="")
    owner = customer_id
    names: list[str] = []
    async for page in asked.cart.pages(f"{base}/customers/{who}/identities"):
        owner, names = page["customer_id"], names + page["identities"]
    try:
        profile = await asked.cart.get(f"{base}/customers/{quote(owner, safe='')}/profile")
    except RefusedError as error:
        if error.status != UNKNOWN:
            raise
        profile = None
    closed = [
        one
        async for page in asked.notifier.pages(f"{base}/suppressions?customer_id={quote(owner, safe='')}")
        for one in page["suppressions"]
    ]
    return [names_in_words(owner, names), *profile_in_words(profile, reveal), *closed_in_words(closed)]


def _store(store_id: str) -> str:
    return f"/v1/stores/{quote(store_id, safe='')}"
