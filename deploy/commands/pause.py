"""`evercart pause` and `evercart resume`: holding a store's messages back, and letting them go."""

from collections.abc import Coroutine
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from deploy.commands.completion import complete
from deploy.commands.installation import KeyFile, NotifierUrl, Service, of_stack, service_at, told_in_a_line
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

Campaign = Annotated[str, typer.Option(metavar="NAME", help="Only this campaign.")]
Step = Annotated[int, typer.Option(metavar="NUMBER", min=0, help="Only this step of the campaign.")]
Channel = Annotated[str, typer.Option(metavar="NAME", help="Only this channel.")]
Store = Annotated[str, typer.Option(help="The store's id.")]


def pause(
    why: Annotated[str, typer.Argument(metavar="WHY", help="Why; whoever looks later reads it.")] = "",
    store: Store = "demo",
    campaign: Campaign = "",
    step: Step = 0,
    channel: Channel = "",
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    notifier_url: NotifierUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Hold messages back from now on, and show what is paused; without WHY only the latter.

    They wait as long as their campaign lets them be late. Asks a running stack, or the notifier at --notifier-url.
    """
    asked = _notifier(state, stack, store, notifier_url, key_file)
    at = f"/v1/stores/{quote(store, safe='')}/pauses"
    if not why and (campaign or step or channel):
        raise typer.BadParameter("say why, as the first argument")
    body = {"campaign": campaign, "step": step, "channel": channel, "why": why}
    found = _told(asked.call("PUT", at, body) if why else asked.get(at))["pauses"]
    for one in found:
        held = f"{one['held_back']} {'message waits' if one['held_back'] == 1 else 'messages wait'}"
        print(f"{_named(**one)}: paused since {one['since'][:19]} ({one['why']}); {held}")
    if not found:
        print("Nothing is paused.")


def resume(
    store: Store = "demo",
    campaign: Campaign = "",
    step: Step = 0,
    channel: Channel = "",
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    notifier_url: NotifierUrl = None,
    key_file: KeyFile = None,
) -> None:
    """End the pause that was set with these names, and let go what it holds back."""
    asked = _notifier(state, stack, store, notifier_url, key_file)
    query = urlencode({"campaign": campaign, "step": step, "channel": channel})
    released = _told(asked.call("DELETE", f"/v1/stores/{quote(store, safe='')}/pauses?{query}"))["released"]
    goes = "message goes" if released == 1 else "messages go"
    print(f"{_named(campaign, step, channel)}: {released} {goes} out now that waited.")


def _notifier(state: Any, stack: Any, store: str, url: str | None, key_file: Any) -> Service:  # noqa: ANN401 - typer's
    from deploy.commands.stack import only_running

    with told_in_a_line():
        if url:
            return service_at("notifier", url, key_file)
        return of_stack(only_running(state.absolute(), stack), store).notifier


def _told(call: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - JSON is what the service says it is
    with told_in_a_line():
        return complete(call)


def _named(campaign: str, step: int, channel: str, **_: object) -> str:
    which = [
        f"campaign {campaign}" if campaign else "",
        f"step {step}" if step else "",
        f"by {channel}" if channel else "",
    ]
    return " ".join(filter(None, which)) or "all messages"
