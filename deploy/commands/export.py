"""`evercart export`: everything that is held on a customer, in all services, as one document."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.commands.completion import complete
from deploy.commands.installation import (
    Installation,
    KeyFile,
    NotifierUrl,
    Service,
    TriggerUrl,
    Url,
    asked_for,
    told_in_a_line,
)
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

SCHEMA = "urn:evercart:export:1"


def export(
    customer: Annotated[str, typer.Option(metavar="ID", help="A customer, by any of their names.")],
    store: Annotated[str, typer.Option(help="The store's id.")] = "demo",
    out: Annotated[Path | None, typer.Option(help="Where to; else it is printed.")] = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    url: Url = None,
    trigger_url: TriggerUrl = None,
    notifier_url: NotifierUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Write everything that is held on a customer, as one JSON document of all three services.

    Asks a running stack, or with --url any installation.
    """
    import json

    with told_in_a_line():
        asked = asked_for(
            state, stack, store, url=url, trigger_url=trigger_url, notifier_url=notifier_url, key_file=key_file
        )
        found = complete(gathered(asked, store, customer))
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if out is None:
        print(text, end="")
    else:
        out.touch(mode=0o600)
        out.write_text(text, encoding="utf-8")


async def gathered(asked: Installation, store_id: str, customer: str) -> dict[str, Any]:
    """What each service holds; trigger and notifier are asked for every name that the cart service knows."""
    from urllib.parse import quote

    async def held_by(service: Service, name: str) -> Any:  # noqa: ANN401 - JSON is what the service says it is
        return await service.get(f"/v1/stores/{quote(store_id)}/customers/{quote(name, safe='')}/export")

    cart = await held_by(asked.cart, customer)
    names = [cart["customer_id"], *(one["identity"] for one in cart["identities"])]
    held = {one.name: [await held_by(one, name) for name in names] for one in (asked.trigger, asked.notifier)}
    return {"schema": SCHEMA, "store_id": store_id, "names": names, "cart": cart, **held}
