"""The sub-commands of `evercart`."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from deploy.commands import local
    from deploy.commands.backtest import backtest
    from deploy.commands.bench import bench
    from deploy.commands.campaigns import app as campaigns
    from deploy.commands.customers import app as customers
    from deploy.commands.demo import demo
    from deploy.commands.dlq import app as dlq
    from deploy.commands.explain import explain
    from deploy.commands.export import export
    from deploy.commands.keys import keys
    from deploy.commands.lint import lint
    from deploy.commands.migrate import migrate
    from deploy.commands.pause import pause, resume
    from deploy.commands.rebuild import rebuild
    from deploy.commands.replay import replay
    from deploy.commands.version import version

    local.register(app)
    app.command()(demo)
    app.command()(replay)
    app.command()(backtest)
    app.add_typer(campaigns, name="campaigns")
    app.add_typer(customers, name="customers")
    app.add_typer(dlq, name="dlq")
    app.command()(explain)
    app.command()(export)
    app.command()(lint)
    app.command()(pause)
    app.command()(resume)
    app.command()(bench)
    passes_on = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(context_settings=passes_on)(keys)
    app.command()(migrate)
    app.command()(rebuild)
    app.command()(version)
