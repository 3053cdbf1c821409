"""Where the story is told, and what a person sees when it does not come true."""

import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deploy.commands.stack import running, some_stack, store_of
from deploy.local.errors import LocalStackError
from deploy.local.stack import Stack
from deploy.story.catcher import Catcher
from deploy.story.mailbox import Mailbox
from deploy.story.mailpit import Mailpit
from deploy.story.narrator import Narrator, NotSoError
from deploy.story.story import Story
from deploy.story.timing import plan
from deploy.traffic.cart_api import CartApi, RefusedError, Store
from libs.http.client import HttpClient, HttpError
from services.trigger.campaigns.registry import CampaignFileError, load_campaigns

STORE = "demo"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the story happens: `inbox` is a catcher or Mailpit, `texts` the catcher's stand-in for Twilio."""

    cart_url: str
    inbox: str
    texts: str
    store: Store
    campaigns: Path


@dataclass(frozen=True, slots=True)
class Told:
    """A story that came true: the id of its customer, and how long it took, without the stack's start and end."""

    customer_id: str
    took: timedelta


async def tell(place: Place | None, state: Path, number: int | None) -> int:
    """Tells the story there, or against a local stack; gives the exit status."""
    narrator = Narrator()
    began = time.monotonic()
    look_at: list[str] = []
    try:
        if place is not None:
            told = await tell_at(place, narrator)
        else:
            told, look_at = await _tell_locally(narrator, state, number)
    except (NotSoError, RefusedError, HttpError, LocalStackError, CampaignFileError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        return 1
    in_all = time.monotonic() - began
    narrator.end(
        f"All of it is so. The story took {told.took.total_seconds():.0f} s, {in_all:.0f} s with the stack around it."
    )
    narrator.afterwards(look_at)
    return 0


async def _tell_locally(narrator: Narrator, state: Path, number: int | None) -> tuple[Told, list[str]]:
    """Gives, too, what there is to be seen afterwards."""
    async with AsyncExitStack() as parts:
        runs = await running(state, number) is not None
        with narrator.progress("Looking for a running stack, or starting one") as say:
            stack = await parts.enter_async_context(some_stack(state, number, say))
        told = await tell_at(place_of(stack), narrator)
        with narrator.progress("Leaving the stack as it was found"):
            await parts.aclose()
    return told, seen_in_console(stack, told.customer_id, runs=runs)


def seen_in_console(stack: Stack, customer_id: str, *, runs: bool) -> list[str]:
    """Where the console is, and what to look at there."""
    start = [] if runs else ["`evercart up` starts the stack again, with all that has happened. Then:"]
    return [
        *start,
        f"Console: {stack.console_url} (the first time: {stack.console_first_link})",
        "  Today      what reminders did today, and what is wrong",
        "  Campaigns  the flow of each, with what became of every step; pause one, and let it go",
        f"  Customers  {customer_id}: why Anna was told, and when",
    ]


def place_of(stack: Stack) -> Place:
    """The demo store of a local stack."""
    own = stack.campaigns / f"{STORE}.yaml"
    campaigns = own if own.exists() else stack.campaigns / "default.yaml"
    return Place(stack.cart_url, stack.playground_url, stack.playground_url, store_of(stack, STORE), campaigns)


async def tell_at(place: Place, narrator: Narrator) -> Told:
    """Tells the story there. Raises what `Story.tell` raises, and `CampaignFileError`."""
    began = time.monotonic()
    narrator.title("Evercart", "a cart that follows, and a reminder that comes exactly when it helps, or not at all")
    async with AsyncExitStack() as clients:
        cart, inbox, texts = [
            await clients.enter_async_context(HttpClient(url)) for url in (place.cart_url, place.inbox, place.texts)
        ]
        mail = await _mailbox(inbox)
        api = CartApi(cart, place.store)
        story = Story(api, mail, Catcher(texts, "sms"), plan(load_campaigns(place.campaigns)), narrator)
        await story.tell()
    return Told(story.anna.customer_id, timedelta(seconds=time.monotonic() - began))


async def _mailbox(http: HttpClient) -> Mailbox:
    """Whichever of the two it is that answers there."""
    if (await http.request("GET", "/api/messages?limit=0")).status == 200:
        return Catcher(http, "email")
    if (await http.request("GET", "/api/v1/messages?limit=1")).status == 200:
        return Mailpit(http)
    raise NotSoError(f"{http.base_url} is neither the local catcher nor Mailpit.")
