"""The sub-commands of `evercart` that run the local stack: up, status, logs, down, test."""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

from deploy.local import output
from deploy.local.errors import LocalStackError, in_words
from deploy.local.folders import DEFAULT_BASE, ROOT, running_states

if TYPE_CHECKING:
    from deploy.local.status import StackStatus

P = ParamSpec("P")
R = TypeVar("R")

Base = Annotated[Path, typer.Option("--state", metavar="DIR", help="Folder that holds the state of all stacks.")]
Number = Annotated[int | None, typer.Option("--stack", metavar="N", help="Which stack, where several run.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(_plainly(up))
    app.command()(_plainly(status))
    app.command()(_plainly(logs))
    app.command()(_plainly(down))
    passes_on = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command(context_settings=passes_on)(_plainly(test))


def _plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Show what went wrong as one sentence."""

    @wraps(command)
    def plain(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LocalStackError as error:
            print(f"evercart: {error}", file=sys.stderr)
            raise typer.Exit(1) from error
        except OSError as error:
            if isinstance(error, BrokenPipeError):  # whoever read has read enough, and the framework says nothing
                raise
            print(f"evercart: {in_words(error)}", file=sys.stderr)
            raise typer.Exit(1) from error

    return plain


def up(
    state: Base = DEFAULT_BASE,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when the stack is ready.")] = False,
    postgres: Annotated[str | None, typer.Option(metavar="DSN", help="Use this PostgreSQL.")] = None,
    kafka: Annotated[str | None, typer.Option(metavar="HOST:PORT,…", help="Use this Apache Kafka.")] = None,
    brokers: Annotated[int | None, typer.Option(min=1, max=3, help="One broker of its own, or three.")] = None,
    replication: Annotated[int | None, typer.Option(min=1, help="Replicas, with --kafka.")] = None,
) -> None:
    """Start a stack: PostgreSQL, Kafka, the services, a shop and an inbox. Another one, if one runs already.

    How to be let in by another Kafka (TLS, a log-in) is read from KAFKA_TLS and so on: deploy/docs/settings.md.
    """
    from deploy.local import up as supervised

    if brokers == 2:
        raise LocalStackError("Two brokers stop where one does; --brokers takes 1 or 3.")
    supervised.up(state.absolute(), supervised.Wanted(postgres, kafka, brokers, replication), detach)


def status(
    state: Base = DEFAULT_BASE,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what runs; exits with 1 if nothing does, or not all of it is well."""
    from deploy.local import status as running

    found = running.stacks(state.absolute())
    if as_json:
        print(json.dumps([stack.as_json() for stack in found], indent=2))
    else:
        _show(found)
    if not found or any(process.health != "ok" for stack in found for process in stack.processes):
        raise typer.Exit(1)


def logs(
    service: Annotated[str | None, typer.Argument(help="Only of this process.")] = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the newest lines.")] = 200,
) -> None:
    """Show what the processes of a stack say, also of one that has ended."""
    folder = _one(state.absolute(), stack)
    if not folder.exists():
        raise LocalStackError(f"There is no stack in {folder}; `evercart up` makes one.")
    for name, text in output.recorded(folder, service, lines, follow):
        for line in output.in_lines(text):
            print(output.coloured(name, line, sys.stdout), flush=follow)


def down(state: Base = DEFAULT_BASE, stack: Number = None) -> None:
    """End the running stacks, or one of them, and wait until nothing is left."""
    from deploy.local.down import down as end

    folders = running_states(state.absolute())
    if stack is not None:
        wanted = state.absolute() / str(stack)
        if wanted not in folders:
            raise LocalStackError(f"No stack runs in {wanted}; `evercart status` shows those that do.")
        folders = [wanted]
    for folder in folders:
        end(folder)
        print(f"Ended the stack in {folder}")
    if not folders:
        print("No stack runs.")


def test(context: typer.Context) -> None:
    """Run the tests; everything that follows is pytest's. Two a core at once and one more, for most of them wait."""
    os.chdir(ROOT)
    chosen = context.args
    spread = (
        []
        if any(part.startswith(("-n", "--pdb", "--numprocesses")) for part in chosen)
        else ["-n", str(2 * (os.cpu_count() or 1) + 1), "--dist", "worksteal"]
    )
    command = [sys.executable, "-m", "pytest", *spread, *chosen]
    # whatever the shell says: else each of hundreds of processes compiles anew all that it imports
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    os.execve(sys.executable, command, environment)  # noqa: S606 - becoming it is the point


def _one(base: Path, number: int | None) -> Path:
    """The state folder that is meant: the numbered one, the first that runs, or the first."""
    if number:
        return base / str(number)
    return next(iter(running_states(base)), base / "1")


def _show(found: "list[StackStatus]") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not found:
        console.print("No stack runs; `evercart up` starts one.")
    for stack in found:
        table = Table("process", "pid", "port", "health", "memory", "restarts", box=None, pad_edge=False)
        for process in stack.processes:
            colour = "green" if process.health == "ok" else "red"
            cells = (process.name, process.pid, process.port, f"[{colour}]{process.health}[/]")
            memory = f"{process.memory_mb:.0f} MB"
            table.add_row(*("-" if cell is None else str(cell) for cell in (*cells, memory, process.restarts)))
        console.print(f"[bold]{stack.state}[/] {stack.status}, {stack.memory_mb:.0f} MB", soft_wrap=True)
        console.print(table)
        for name, url in stack.urls.items():
            console.print(f"{name:<9} {url}", soft_wrap=True)
        console.print()
