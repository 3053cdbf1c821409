"""The keys of a store, by HTTP: what `evercart keys` does with a `--url`, where there is no database to reach."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from deploy.commands.completion import complete
from deploy.commands.installation import Service
from deploy.local.errors import LocalStackError
from deploy.traffic.cart_api import RefusedError
from libs.http.client import HttpError
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
        async for page in cart.pages(keys):
            for one in page["keys"]:
                print(line({name: _moment(name, told) for name, told in one.items()}))
    elif asked.command == "create":
        new = new_key(asked).model_dump(mode="json", exclude_none=True)
        tell_secret(**await cart.call("POST", keys, new))
    elif asked.command == "rotate":
        tell_secret(**await cart.call("POST", f"{key}/rotate", {"grace_hours": asked.grace_hours}))
    else:
        await cart.call("DELETE", key)
        print("Revoked. No replica takes it any more after 5 seconds.", file=sys.stderr)


def _moment(name: str, told: Any) -> Any:  # noqa: ANN401 - a field of an answer
    """Moments as such, all else as it is."""
    return datetime.fromisoformat(told) if told and name.endswith(("_at", "_until")) else told
