"""The `evercart` command. Its sub-commands are in `deploy/commands`, a module each but for those of the local stack."""

import typer

from deploy import commands

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
commands.register(app)


def run() -> None:
    """What the installed command starts."""
    app(prog_name="evercart")


if __name__ == "__main__":
    run()
