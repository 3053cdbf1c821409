"""`evercart lint`: looks for faults in templates before a customer does."""

from pathlib import Path
from typing import Annotated

import typer

FOLDER = typer.Option(
    "--templates",
    metavar="DIR",
    exists=True,
    file_okay=False,
    help="A store's folder of templates, or the folder of all stores'; without one, those that ship.",
)


def lint(templates: Annotated[Path | None, FOLDER] = None) -> None:
    """Look for faults in words and looks: each as `file:line rule`, and status 1 where there is one."""
    from services.notifier.rendering.lint.messages import faults_of
    from services.notifier.rendering.templates import SHIPPED

    faults = [
        f"{folder / fault.file}:{fault.line} {fault.rule}: {fault.said}"
        for folder in (_folders(templates) if templates else [SHIPPED])
        for fault in faults_of(folder, ships=templates is None)
    ]
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    typer.echo("No faults.")


def _folders(templates: Path) -> list[Path]:
    """The folder itself where it holds templates, else those in it that do."""
    return (
        [templates] if _holds(templates) else sorted(one for one in templates.iterdir() if one.is_dir() and _holds(one))
    )


def _holds(folder: Path) -> bool:
    return (folder / "wording").is_dir() or any(folder.glob("*.mjml")) or any(folder.glob("*.jinja"))
