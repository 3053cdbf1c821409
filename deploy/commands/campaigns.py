"""`evercart campaigns`: pulls, compares and pushes the campaigns of a store, by the API of its trigger."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.commands.completion import complete
from deploy.commands.installation import KeyFile, Service, service_at, told_in_a_line

app = typer.Typer(no_args_is_help=True, help="Pull, compare and push the campaigns of a store, by its trigger's API.")
TriggerUrl = Annotated[
    str, typer.Option("--trigger-url", metavar="URL", envvar="EVERCART_TRIGGER_URL", help="The trigger.")
]
Store = Annotated[str, typer.Option(help="The store's id.")]
File = Annotated[Path, typer.Argument(help="A campaign file.", exists=True, dir_okay=False)]


@app.command()
def pull(url: TriggerUrl, store: Store = "demo", key_file: KeyFile = None) -> None:
    """Print what is switched on for a store, as JSON that can be pushed."""
    with _told():
        found = complete(_trigger(url, key_file).get(_path(store)))
        print(json.dumps({"campaigns": [one["campaign"] for one in found["campaigns"]]}, indent=1, ensure_ascii=False))


@app.command()
def diff(file: File, url: TriggerUrl, store: Store = "demo", key_file: KeyFile = None) -> None:
    """Show what a file would change, and change nothing."""
    with _told(), _said_of(file):
        path = f"{_path(store)}?dry_run=true"
        _show(complete(_trigger(url, key_file).call("PUT", path, _read(file))))


@app.command()
def push(file: File, url: TriggerUrl, store: Store = "demo", key_file: KeyFile = None) -> None:
    """Put a file in force for a store, unless somebody else changes its campaigns meanwhile."""
    with _told(), _said_of(file):
        _show(complete(_push(_trigger(url, key_file), _path(store), _read(file))))


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong is told in a line or a few; the status is 2 where the file is what is wrong."""
    from libs.files.yaml_file import FileFaultError

    try:
        with told_in_a_line():
            yield
    except FileFaultError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None


def _trigger(url: str, key_file: Path | None) -> Service:
    return service_at("trigger", url, key_file)


def _path(store_id: str) -> str:
    return f"/v1/stores/{quote(store_id, safe='')}/campaigns"


def _read(file: Path) -> Any:  # noqa: ANN401 - plain data
    """What a file says, once it is known to be one. Raises `FileFaultError` with every fault and its line."""
    from services.trigger.campaigns.documents import read_yaml
    from services.trigger.campaigns.registry import load_campaigns

    load_campaigns(file)
    return json.loads(read_yaml(file.read_bytes())[0])


@contextmanager
def _said_of(file: Path) -> Iterator[None]:
    """What the trigger alone knows to be wrong, such as a template that the store does not have, is told of it."""
    from deploy.traffic.cart_api import RefusedError
    from libs.files.yaml_file import FileFaultError, fault_at

    try:
        yield
    except RefusedError as error:
        if not error.errors:
            raise
        text = file.read_text(encoding="utf-8-sig")
        faults = sorted(fault_at(text, one["pointer"], one["detail"]) for one in error.errors)
        raise FileFaultError("\n".join(f"{file.name}:{one.line}: {one.field}: {one.rule}" for one in faults)) from None


async def _push(trigger: Service, path: str, document: object) -> Any:  # noqa: ANN401 - JSON
    seen = await trigger.get(path)
    return await trigger.call("PUT", path, document, {"If-Match": f'"{seen["version"]}"'})


def _show(changes: dict[str, Any]) -> None:
    """A line for each campaign that changes, and for each of its fields."""
    changed = [one for one in changes["campaigns"] if one["change"] != "unchanged"]
    for one in changed:
        since = f", on since {one['since']}" if one["since"] else ""
        print(f"{one['name']}: {one['change']}{since}")
        for field in one["fields"]:
            print(f"  {field['field']}: {json.dumps(field['before'])} -> {json.dumps(field['after'])}")
    if not changed:
        print("Nothing changes.")
    if not changes["dry_run"]:
        print(f"Version {changes['version']} is in force.")
