"""The keys of a store, by HTTP: what `evercart keys` does with a `--url`, where there is no database to reach."""

import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from deploy.commands.completion import complete
from deploy.commands.installation import Service
from deploy.local.errors import LocalStackError
from deploy.traffic.cart_api import RefusedError, accepted
from deploy.traffic.http import HttpError
from services.cart.cli.api_keys import arguments, faults, line, new_key, tell_secret


def keys_over_http(url: str, key: str, given: Sequence[str]) -> None:
    """Does what the arguments ask for, and prints as the command beside the database does. Raises `LocalStackError`."""
    asked = arguments().parse_args(given)
    if not asked.store:
        raise LocalStackError("Over HTTP keys are those of a store: name it by --store.")
    try:
        complete(_perform(Service("cart", url, key), asked))
    except (HttpError, RefusedError) as error:
        raise LocalStackError(str(error)) from None
    except ValidationError as error:
        raise LocalStackError(faults(error)) from None


async def _perform(cart: Service, asked: Namespace) -> None:
    keys = f"/v1/stores/{quote(asked.store, safe='')}/keys"
    key = f"{keys}/{quote(asked.key_id, safe='')}" if "key_id" in asked else keys
    if asked.command == "list":
        async for one in _all(cart, keys):
            print(line({name: _moment(name, told) for name, told in one.items()}))
    elif asked.command == "create":
        new = new_key(asked).model_dump(mode="json", exclude_none=True)
        tell_secret(**await _call(cart, "POST", keys, new))
    elif asked.command == "rotate":
        tell_secret(**await _call(cart, "POST", f"{key}/rotate", {"grace_hours": asked.grace_hours}))
    else:
        await _call(cart, "DELETE", key)
        print("Revoked. No replica takes it any more after 5 seconds.", file=sys.stderr)


async def _all(cart: Service, keys: str) -> AsyncIterator[dict[str, Any]]:
    page = await cart.get(keys)
    while True:
        for one in page["keys"]:
            yield one
        if (following := page.get("next")) is None:  # a service of before told all of them at once
            return
        page = await cart.get(f"{keys}?after={quote(following, safe='')}")


async def _call(cart: Service, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
    async with cart.client() as http:
        headers = {"Authorization": f"Bearer {cart.key}"}
        answer = accepted(await http.request(method, path, headers=headers, body=body), f"{method} of a key")
    return answer.json() if answer.body else None


def _moment(name: str, told: Any) -> Any:  # noqa: ANN401 - a field of an answer
    """Moments as such, all else as it is."""
    return datetime.fromisoformat(told) if told and name.endswith(("_at", "_until")) else told
