"""The `evercart` command. Each group of sub-commands is a module of its own, registered here."""

import typer

from deploy import commands
from deploy.local import commands as local

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
local.register(app)
commands.register(app)


if __name__ == "__main__":
    app(prog_name="evercart")
