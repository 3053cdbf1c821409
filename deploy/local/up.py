"""`evercart up`: prepare the state of a stack, and supervise it here or in the background."""

import asyncio
import os
import shutil
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, NoReturn

from deploy.local.errors import LocalStackError
from deploy.local.folders import take
from deploy.local.output import Log
from deploy.local.services import ROOT
from deploy.local.stack import FILE, Ports, Stack
from deploy.local.store_files import write_stores
from deploy.local.supervisor import Supervisor

CAMPAIGNS = (
    ROOT / "deploy" / "local" / "campaigns" / "demo.yaml",
    ROOT / "services" / "trigger" / "campaigns" / "default.yaml",
)


def up(base: Path, postgres: str | None, kafka: str | None, detach: bool) -> None:
    """Start a stack in the first free state folder under `base`. In the background, return when it is ready.

    Raises `LocalStackError` if it does not start.
    """
    state, lock = take(base)
    stack = prepare(state, postgres, kafka)
    _print(f"Starting a stack; its state is kept in {state}")
    if detach:
        _supervise_in_background(stack, lock)
        _print_addresses(stack)
    else:
        with lock:
            _supervise(stack)


def prepare(state: Path, postgres: str | None = None, kafka: str | None = None) -> Stack:
    """The stack of a state folder, new or as it was, with ports that are free now."""
    stack = Stack.load(state) if (state / FILE).exists() else Stack(state=state)
    stack.external_postgres, stack.external_kafka = postgres, kafka
    stack.ports = Ports.settle(stack.ports)
    stack.save()
    write_stores(stack)
    stack.campaigns.mkdir(exist_ok=True)
    for campaign in CAMPAIGNS:
        if not (stack.campaigns / campaign.name).exists():
            shutil.copyfile(campaign, stack.campaigns / campaign.name)
    return stack


def _supervise(stack: Stack) -> None:
    log = Log(stack.state, show=sys.stdout)
    asyncio.run(Supervisor(stack, log, _print).run(lambda: _print_addresses(stack)))


def _print_addresses(stack: Stack) -> None:
    _print(f"\n  Shop      {stack.shop_url}\n  Inbox     {stack.inbox_url}\n  Cart API  {stack.cart_url}/docs\n")


def _print(text: str) -> None:
    """To standard output; on a terminal a text that ends with "…" is overwritten by the next one."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="" if text.endswith("…") else "\n", flush=True)
    elif not text.endswith("…"):
        print(text, flush=True)


def _supervise_in_background(stack: Stack, lock: IO[str]) -> None:
    """Fork: the child keeps the lock and supervises, the parent passes on what it says until the stack is ready."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        _become_background(stack, writer)
    os.close(writer)
    lock.close()
    outcome = ""
    with os.fdopen(reader) as said:
        for line in said:
            kind, _, text = line.rstrip("\n").partition(" ")
            if kind == "say":
                _print(text)
            else:
                outcome = line.rstrip("\n")
    if outcome != "ready":
        raise LocalStackError(outcome.removeprefix("failed ") or "The supervisor ended before the stack was ready.")


def _become_background(stack: Stack, writer: int) -> NoReturn:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    log, parent = Log(stack.state), os.fdopen(writer, "w", buffering=1)

    def tell(line: str) -> None:
        with suppress(OSError, ValueError):  # the parent was ended, or has heard enough
            parent.write(f"{line}\n")

    def say(text: str) -> None:
        log.line("evercart", text)
        tell(f"say {text}")

    def ready() -> None:
        tell("ready")
        parent.close()

    try:
        asyncio.run(Supervisor(stack, log, say).run(ready))
    except LocalStackError as error:
        log.line("evercart", str(error))
        tell(f"failed {error}")
    except BaseException as error:  # noqa: BLE001 - the parent is told of whatever it is
        log.line("evercart", traceback.format_exc())
        tell(f"failed The supervisor ended: {error!r}")
    finally:
        os._exit(0)
