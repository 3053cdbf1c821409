"""Keys at the command line: `python -m services.cart.cli.api_keys create|list|rotate|revoke`, beside a running service.

It needs `CART_DATABASE_URL` alone. A key is told once, on the standard output and nowhere else.
"""

import argparse
import asyncio
import getpass
import os
import sys
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from libs.postgres.errors import FAILURES
from libs.postgres.pool import Pool, open_pool
from libs.runtime.clock import utc_now
from services.cart.domain.api_keys import SCOPES, Holder, NewKey, Rotation
from services.cart.domain.errors import Refusal
from services.cart.domain.request import WriteRequest
from services.cart.domain.shopper import COMMAND_LINE
from services.cart.handlers.api_keys import ApiKeyHandlers, IssuedKey

URL = "CART_DATABASE_URL"
_OPERATOR = Holder(COMMAND_LINE, SCOPES)


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="services.cart.cli.api_keys", description="Keys of the cart service.")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key, and tell it once")
    create.add_argument("name", help="for people; one live key of a store goes by it")
    create.add_argument("--store", metavar="ID", help="the store; without one the key opens the whole installation")
    create.add_argument("--scope", action="append", default=[], choices=["all", *sorted(SCOPES)])
    create.add_argument("--publishable", action="store_true", help="of a storefront rather than of a server")
    create.add_argument("--origin", action="append", default=[], help="web origin of pages that use a publishable key")
    create.add_argument("--expires-in-days", type=float, metavar="DAYS")
    listed = commands.add_parser("list", help="show the live keys")
    listed.add_argument("--store", metavar="ID", help="of this store; without one those of the installation")
    rotate = commands.add_parser("rotate", help="give a key another secret, and tell it once")
    rotate.add_argument("key_id", metavar="ID")
    rotate.add_argument("--store", metavar="ID", help="whose it is, for who asks by HTTP")
    rotate.add_argument("--grace-hours", type=float, default=24, help="how long the one until now stays live")
    revoke = commands.add_parser("revoke", help="end a key for ever")
    revoke.add_argument("key_id", metavar="ID")
    revoke.add_argument("--store", metavar="ID", help="whose it is, for who asks by HTTP")
    return parser


async def perform(asked: argparse.Namespace, pool: Pool) -> None:
    """Does it. Raises `Refusal`, `pydantic.ValidationError`, and what the database raises."""
    keeping = ApiKeyHandlers(pool, utc_now, _nobody_to_tell)
    if asked.command == "list":
        for key in await keeping.listed(asked.store):
            _say(line(key))
    elif asked.command == "create":
        new = new_key(asked)
        if asked.publishable and asked.store is None:
            raise Refusal("unknown-store", "A publishable key is of a store: name it by --store.")
        _show(await keeping.make(new, _OPERATOR, new.origins, _intent(asked.store)))
    else:
        request = _intent(await keeping.home(asked.key_id))
        if asked.command == "rotate":
            grace = timedelta(hours=Rotation(grace_hours=asked.grace_hours).grace_hours)
            _show(await keeping.rotate(asked.key_id, grace, _OPERATOR, request))
        else:
            await keeping.revoke(asked.key_id, _OPERATOR, request)
            _note("Revoked. No replica takes it any more after 5 seconds.")


def new_key(asked: argparse.Namespace) -> NewKey:
    """The key that `create` asks for. Raises `pydantic.ValidationError`."""
    return NewKey(
        name=asked.name,
        kind="publishable" if asked.publishable else "secret",
        scopes=SCOPES if "all" in asked.scope else frozenset(asked.scope),
        origins=frozenset(asked.origin),
        expires_in_days=asked.expires_in_days,
    )


def faults(error: ValidationError) -> str:
    """What is wrong with what was asked for."""
    return "\n".join(f"{'.'.join(map(str, e['loc'])) or 'key'}: {e['msg']}" for e in error.errors())


def main() -> None:
    """Reads the command line, and ends the process with a status."""
    asked = arguments().parse_args()
    dsn = os.environ.get(URL)
    if not dsn:
        sys.exit(f"{URL} is not set")
    try:
        asyncio.run(_on_pool(asked, dsn))
    except Refusal as refusal:
        sys.exit(refusal.detail)
    except ValidationError as error:
        sys.exit(faults(error))
    except FAILURES as error:
        sys.exit(f"the database of {URL} can't be used: {type(error).__name__}")


async def _on_pool(asked: argparse.Namespace, dsn: str) -> None:
    pool = await open_pool(dsn, size=1, name="cart keys")
    try:
        await perform(asked, pool)
    finally:
        await pool.close()


def _intent(store_id: str | None) -> WriteRequest:
    return WriteRequest(store_id or "", COMMAND_LINE + getpass.getuser(), b"")


def _show(key: IssuedKey) -> None:
    tell_secret(key.key_id, key.secret)


def tell_secret(key_id: str, secret: str) -> None:
    """The secret on the standard output and nowhere else."""
    _note(f"Key {key_id}. Keep what follows: it is told this once. Every replica takes it within 5 seconds.")
    _say(secret)


def line(key: dict[str, Any]) -> str:
    """A live key, for people."""
    shown = [f"{key['key_id']}  {key['name']}  {key['kind']}"]
    shown += [f"{label} {' '.join(map(str, found))}" for label in ("scopes", "origins") if (found := key[label])]
    moments = ("created_at", "rotated_at", "expires_at", "used_at", "previous_until", "previous_used_at")
    shown += [f"{label} {key[label]:%Y-%m-%dT%H:%MZ}" for label in moments if key[label]]
    return "  ".join(shown)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")


async def _nobody_to_tell() -> None:
    return


if __name__ == "__main__":
    main()
