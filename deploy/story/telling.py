"""Where the story is told, and what a person sees when it does not come true."""

import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from deploy.commands.stack import some_stack, store_of
from deploy.local.errors import LocalStackError
from deploy.local.stack import Stack
from deploy.story.catcher import Catcher
from deploy.story.mailbox import Mailbox
from deploy.story.mailpit import Mailpit
from deploy.story.narrator import Narrator, NotSoError
from deploy.story.story import Story
from deploy.story.timing import plan
from deploy.traffic.cart_api import CartApi, RefusedError, Store
from deploy.traffic.http import HttpClient, HttpError
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


async def tell(place: Place | None, state: Path, number: int | None) -> int:
    """Tells the story there, or against a local stack; gives the exit status."""
    narrator = Narrator()
    began = time.monotonic()
    try:
        if place is not None:
            await tell_at(place, narrator)
        else:
            await _tell_locally(narrator, state, number)
    except (NotSoError, RefusedError, HttpError, LocalStackError, CampaignFileError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        return 1
    narrator.end(f"All of it is so. It took {time.monotonic() - began:.0f} s.")
    return 0


async def _tell_locally(narrator: Narrator, state: Path, number: int | None) -> None:
    async with AsyncExitStack() as parts:
        with narrator.progress("Looking for a running stack, or starting one") as say:
            stack = await parts.enter_async_context(some_stack(state, number, say))
        await tell_at(place_of(stack), narrator)
        with narrator.progress("Leaving the stack as it was found"):
            await parts.aclose()


def place_of(stack: Stack) -> Place:
    """The demo store of a local stack."""
    own = stack.campaigns / f"{STORE}.yaml"
    campaigns = own if own.exists() else stack.campaigns / "default.yaml"
    return Place(stack.cart_url, stack.playground_url, stack.playground_url, store_of(stack, STORE), campaigns)


async def tell_at(place: Place, narrator: Narrator) -> None:
    """Tells the story there. Raises what `Story.tell` raises, and `CampaignFileError`."""
    narrator.title("Evercart", "a cart that follows, and a reminder that comes exactly when it helps, or not at all")
    async with AsyncExitStack() as clients:
        cart, inbox, texts = [
            await clients.enter_async_context(HttpClient(url)) for url in (place.cart_url, place.inbox, place.texts)
        ]
        mail = await _mailbox(inbox)
        api = CartApi(cart, place.store)
        await Story(api, mail, Catcher(texts, "sms"), plan(load_campaigns(place.campaigns)), narrator).tell()


async def _mailbox(http: HttpClient) -> Mailbox:
    """Whichever of the two it is that answers there."""
    if (await http.request("GET", "/api/messages?limit=0")).status == 200:
        return Catcher(http, "email")
    if (await http.request("GET", "/api/v1/messages?limit=1")).status == 200:
        return Mailpit(http)
    raise NotSoError(f"{http.base_url} is neither the local catcher nor Mailpit.")
