"""`evercart up`: prepare the state of a stack, and supervise it here or in the background."""

import asyncio
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from deploy.local.errors import LocalStackError
from deploy.local.folders import ROOT, running_states, take
from deploy.local.output import Log
from deploy.local.stack import FILE, Ports, Stack
from deploy.local.store_files import write_stores
from deploy.local.supervisor import Say, Supervisor
from libs.kafka.settings import KafkaAccess, KafkaSettings
from libs.runtime.settings import BadSettingsError, from_environment

CAMPAIGNS = (
    ROOT / "deploy" / "local" / "campaigns" / "demo.yaml",
    ROOT / "services" / "trigger" / "campaigns" / "default.yaml",
)
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Wanted:
    """What a stack is to run on: others' servers where they are named, else as many brokers of its own.

    Where `brokers` is not said a stack keeps what it has.
    """

    postgres: str | None = None
    kafka: str | None = None
    brokers: int | None = None
    replication: int | None = None


OWN = Wanted()


def up(base: Path, wanted: Wanted, detach: bool) -> None:
    """Start a stack in the first free state folder under `base`. In the background, return when it is ready.

    Raises `LocalStackError` if it does not start.
    """
    others = running_states(base)
    state, lock = take(base)
    stack = prepare(state, wanted, _print)
    if others:
        _print(f"A stack runs already in {', '.join(map(str, others))}; this is another one beside it.")
    _print(f"Starting a stack; its state is kept in {state}")
    if detach:
        _supervise_in_background(stack, lock)
        _print_addresses(stack)
    else:
        with lock:
            _supervise(stack)


def prepare(state: Path, wanted: Wanted = OWN, say: Say = lambda _: None) -> Stack:
    """The stack of a state folder, new or as it was, with ports that are free now; `say` is told of those that were
    taken. Raises `LocalStackError`.
    """
    stack = Stack.load(state) if (state / FILE).exists() else Stack(state=state)
    _point(stack, wanted)
    before, stack.ports = stack.ports, Ports.settle(stack.ports)
    for name, port, now in stack.ports.moved_from(before):
        say(f"Port {port} ({name.replace('_', ' ')}) is taken by somebody else; it is {now} from now on.")
    stack.save()
    write_stores(stack)
    stack.campaigns.mkdir(exist_ok=True)
    for campaign in CAMPAIGNS:
        if not (stack.campaigns / campaign.name).exists():
            shutil.copyfile(campaign, stack.campaigns / campaign.name)
    return stack


def _point(stack: Stack, wanted: Wanted) -> None:
    """At the servers that are wanted."""
    stack.external_postgres, stack.external_kafka = wanted.postgres, wanted.kafka
    if wanted.kafka is None:
        if wanted.replication is not None:
            raise LocalStackError("--replication is for another Kafka, which --kafka names; --brokers 3 makes three.")
        stack.kafka_access = {}
        if wanted.brokers not in (None, stack.brokers) and (stack.state / "kafka").exists():
            raise LocalStackError(
                f"The Kafka in {stack.state} keeps its number of brokers, which is {stack.brokers}; take another "
                "folder (--state), or delete this one."
            )
        stack.brokers = wanted.brokers or stack.brokers
        return
    if wanted.brokers is not None:
        raise LocalStackError("--brokers is for the stack's own Kafka, and --kafka names another.")
    stack.external_replication, stack.kafka_access = wanted.replication or 1, _access(wanted.kafka)


def _access(kafka: str) -> dict[str, str]:
    """How another Kafka lets clients in, as this process's environment says; kept for the commands that come later."""
    try:
        from_environment(KafkaSettings, kafka_bootstrap=kafka)
    except BadSettingsError as error:
        raise LocalStackError(f"No client can be made for {kafka}: {error}") from None
    names = (name.upper() for name in KafkaAccess.model_fields if name != "kafka_bootstrap")
    found = {name: os.environ[name] for name in names if name in os.environ}
    return {name: str(Path(value).absolute()) if name.endswith("_FILE") else value for name, value in found.items()}


def _supervise(stack: Stack) -> None:
    log = Log(stack.state, show=sys.stdout)
    asyncio.run(Supervisor(stack, log, _print).run(lambda: _print_addresses(stack)))


def _print_addresses(stack: Stack) -> None:
    _print(f"\n  Shop      {stack.shop_url}\n  Inbox     {stack.inbox_url}\n  Cart API  {stack.cart_url}/docs")
    _print(f"  Console   {stack.console_url}\n            the first time: {stack.console_first_link}\n")


def _print(text: str) -> None:
    """To standard output; on a terminal a text that ends with "…" is overwritten by the next one.

    Where nobody reads any more the stack goes on without a word.
    """
    try:
        if sys.stdout.isatty():
            print(f"\r\033[K{text}", end="" if text.endswith("…") else "\n", flush=True)
        elif not text.endswith("…"):
            print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _supervise_in_background(stack: Stack, lock: IO[str]) -> None:
    """Fork: the child keeps the lock and supervises, the parent passes on what it says until the stack is ready.

    Whatever interrupts the parent until then ends what the child has begun.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _become_background(stack, writer)
    os.close(writer)
    lock.close()
    outcome = ""
    with _passed_on(child) as signals, os.fdopen(reader) as said:
        for line in said:
            kind, _, text = line.rstrip("\n").partition(" ")
            if kind == "say":
                _print(text)
            else:
                outcome = line.rstrip("\n")
        if signals:
            os.waitpid(child, 0)
            raise LocalStackError("The start was interrupted; what had begun has ended.")
    if outcome != "ready":
        raise LocalStackError(outcome.removeprefix("failed ") or "The supervisor ended before the stack was ready.")


@contextmanager
def _passed_on(child: int) -> Iterator[list[int]]:
    """Signals to end go to the child, which has a session of its own; gives the list of those that came."""
    came: list[int] = []

    def pass_on(number: int, _: object) -> None:
        came.append(number)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)

    before = {number: signal.signal(number, pass_on) for number in _ENDS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _become_background(stack: Stack, writer: int) -> NoReturn:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    # without a buffer, that what the parent's end could not take is not tried again when this is closed
    log, parent = Log(stack.state), os.fdopen(writer, "wb", buffering=0)

    def tell(line: str) -> None:
        with suppress(OSError, ValueError):  # the parent was ended, or has heard enough
            parent.write(f"{line}\n".encode())

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
