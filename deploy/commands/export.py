"""`evercart export`: everything that is held on a customer, in all services, as one document."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from deploy.local.stack import Stack

SCHEMA = "urn:evercart:export:1"


def export(
    customer: Annotated[str, typer.Option(metavar="ID", help="A customer, by any of their names.")],
    store: Annotated[str, typer.Option(help="The store's id.")] = "demo",
    out: Annotated[Path | None, typer.Option(help="Where to; else it is printed.")] = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Write everything that a running stack holds on a customer, as one JSON document of all three services."""
    import json

    from deploy.commands.stack import only_running
    from deploy.local.errors import LocalStackError
    from deploy.traffic.cart_api import RefusedError
    from deploy.traffic.http import HttpError

    try:
        found = complete(gathered(only_running(state.absolute(), stack), store, customer))
    except (LocalStackError, HttpError, RefusedError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if out is None:
        print(text, end="")
    else:
        out.touch(mode=0o600)
        out.write_text(text, encoding="utf-8")


async def gathered(stack: "Stack", store_id: str, customer: str) -> dict[str, Any]:
    """What each service holds; trigger and notifier are asked for every name that the cart service knows."""
    from urllib.parse import quote

    from deploy.commands.stack import store_of
    from deploy.traffic.cart_api import accepted
    from deploy.traffic.http import HttpClient

    headers = store_of(stack, store_id).server()

    async def asked(base: str, name: str) -> Any:  # noqa: ANN401 - JSON is what the service says it is
        path = f"/v1/stores/{store_id}/customers/{quote(name, safe='')}/export"
        async with HttpClient(base) as http:
            return accepted(await http.request("GET", path, headers=headers), f"asking {base}").json()

    cart = await asked(stack.cart_url, customer)
    names = [cart["customer_id"], *(one["identity"] for one in cart["identities"])]
    others = {"trigger": stack.trigger_url, "notifier": stack.notifier_url}
    held = {service: [await asked(base, name) for name in names] for service, base in others.items()}
    return {"schema": SCHEMA, "store_id": store_id, "names": names, "cart": cart, **held}
