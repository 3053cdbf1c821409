"""The story, told by doing it: every sentence is checked from outside, as the people in it would see it."""

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from deploy.story.anna import Anna, Post
from deploy.story.guest import Ben, Reminded
from deploy.story.links import load_page, open_cart
from deploy.story.mailbox import Channel, Letter, Mailbox
from deploy.story.narrator import Narrator, NotSoError, ensure
from deploy.story.timing import Plan
from deploy.traffic.cart_api import Cart, CartApi, Item, guest

ARRIVAL = timedelta(seconds=20)
"""How long after its due time a message may take before the story is not so."""
SILENCE = timedelta(seconds=5)
"""How long after the last due time nothing may come: settling, polling and delivery take two to four seconds."""
SOON = timedelta(seconds=2)
"""What is due within this time is let through before the order, rather than raced with."""
PLENTY, LEFT = 24, 4  # the cart holds three: a text about the cart must not pass for one about the stock
_LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass
class Story:
    """One telling. `tell` raises `NotSoError`, `RefusedError` or `HttpError` at the first thing that is not so."""

    api: CartApi
    mail: Mailbox
    texts: Mailbox
    plan: Plan
    narrator: Narrator
    anna: Anna = field(default_factory=Anna.new)

    def __post_init__(self) -> None:
        self._post = Post(self.anna, self.mail, self.texts)
        # a sku of this telling's own: its stock is known, and nobody else holds it
        self._lantern = Item(f"brass-lantern-{secrets.token_hex(3)}", "Brass lantern", 6450)
        self._throw = Item("linen-throw", "Linen throw", 3900)

    async def tell(self) -> None:
        """From the phone to the order, and the silence after it; meanwhile a guest shops, who has no account."""
        await self._post.open()
        ben = Ben(self.api, self.mail, self._throw, self.plan.first.delay)
        shopping = asyncio.create_task(ben.shops())
        try:
            await self._tell(shopping)
        finally:
            shopping.cancel()
            await asyncio.gather(shopping, return_exceptions=True)

    async def _tell(self, shopping: asyncio.Task[Reminded]) -> None:
        step = self.narrator.step
        with step("On the phone, two things go into the cart"):
            cart_id = await self._phone()
        with step("On the laptop, logged in as the same customer, they are there"):
            quiet_since = await self._laptop(cart_id)
        with step("The cart goes quiet, and an e-mail comes"):
            letter = await self._email(quiet_since)
        with step("Its link opens the cart on a third device"):
            await self._link(letter, cart_id)
        with step("The lantern runs low, and a text says so"):
            await self._low_stock()
        with step("Anna orders"):
            await self._order(cart_id, quiet_since)
        with step("Meanwhile a guest without an account has left an address"):
            self._guest(await shopping)
        with step("No further reminder comes"):
            await self._silence(quiet_since)

    async def _phone(self) -> str:
        await self.api.set_profile(self.anna.customer_id, self.anna.profile())
        await self.api.set_stock(self._lantern.sku, PLENTY)
        token = await self.api.guest_token()
        await self.api.add(guest(token, "phone"), self._throw)
        cart = await self.api.add(guest(token, "phone"), self._lantern, 2)
        self._holds_both(cart, "The guest's cart")
        self.narrator.found(f"a guest's cart holds {listed(cart)}: {amount(cart)}")
        claim = await self.api.claim(self.api.store.customer(self.anna.customer_id, "phone"), token)
        ensure(claim["cart"]["id"] == cart["id"], "The cart changed its id when Anna logged in.")
        self._holds_both(claim["cart"], "The cart after the log-in")
        left = await self.api.cart(guest(token))
        ensure(not left["lines"], "The guest's token still shows the cart after the log-in.")
        self.narrator.found("Anna logs in on the phone: the same cart is hers now, and no longer the guest's")
        return str(cart["id"])

    async def _laptop(self, cart_id: str) -> datetime:
        cart = await self.api.cart(self.api.store.customer(self.anna.customer_id, "laptop"))
        ensure(cart["id"] == cart_id, "The laptop shows another cart than the phone.")
        self._holds_both(cart, "The cart on the laptop")
        devices = {line["device"] for line in cart["lines"]}
        ensure(devices == {"phone"}, "The cart on the laptop does not say that the phone added the lines.")
        self.narrator.found(f"the laptop shows {listed(cart)}, added on the phone")
        return datetime.fromisoformat(cart["updated_at"])

    async def _email(self, quiet_since: datetime) -> Letter:
        due = quiet_since + self.plan.first.delay
        self.narrator.found(f"the campaign file says: e-mail, {seconds(self.plan.first.delay)} after the last change")
        otherwise = f"No e-mail came within {seconds(ARRIVAL)} after it was due."
        async with self.narrator.waiting("waiting for the e-mail", due):
            letters = await self._post.until("email", lambda found: found or None, due + ARRIVAL, otherwise)
        ensure(len(letters) == 1, f"{len(letters)} e-mails came where one was due.")
        letter = letters[0]
        ensure(letter.received_at >= due, "The e-mail came before it was due.")
        for body, name in ((letter.text, "text"), (letter.html or "", "HTML")):
            for title in (self._throw.title, self._lantern.title):
                ensure(title in body, f"The {name} of the e-mail does not name the {title}.")
        self.narrator.quote([f"Subject: {letter.subject}", *gist(letter.text)])
        late = seconds(letter.received_at - due)
        self.narrator.found(f"it came {late} after it was due; text and HTML name both things")
        return letter

    async def _link(self, letter: Letter, cart_id: str) -> None:
        found = await open_cart(self.api, letter.links)
        if found is None:
            raise NotSoError(f"None of the {len(letter.links)} links in the e-mail opens a cart.")
        link, cart, answer = found
        ensure(cart["id"] == cart_id, "The link in the e-mail opens another cart.")
        self._holds_both(cart, "The cart behind the link")
        no_store = "no-store" in answer.headers.get("cache-control", "")
        ensure(no_store, "The cart behind the link may be kept by a cache: it has no Cache-Control: no-store.")
        if urlsplit(link).hostname in _LOOPBACK:  # elsewhere it leads to a shop that is not part of the stack
            page = await load_page(link)
            ensure(page.status == 200, f"The page behind the link was answered {page.status}.")
        self.narrator.quote([link])
        self.narrator.found(f"opened without a log-in it shows {listed(cart)}: {amount(cart)}")

    async def _low_stock(self) -> None:
        ensure(self.plan.threshold >= LEFT, f"The campaign file's threshold is under {LEFT}.")
        await self.api.set_stock(self._lantern.sku, LEFT)
        self.narrator.found(f"its stock falls from {PLENTY} to {LEFT}; the threshold is {self.plan.threshold}")
        otherwise = f"No text said within {seconds(ARRIVAL)} that {LEFT} of the lantern are left."
        async with self.narrator.waiting("waiting for the text"):
            text = await self._post.until("sms", self._told_of_stock, datetime.now(UTC) + ARRIVAL, otherwise)
        self.narrator.quote([text])
        self.narrator.found(f"it says the real number: {LEFT}")

    async def _order(self, cart_id: str, quiet_since: datetime) -> None:
        await self._let_arrive(quiet_since)
        self._before = {letter.id for letter in await self._post.all()}
        closed = await self.api.order(f"order-{self.anna.customer_id}", self.anna.customer_id, cart_id=cart_id)
        self._ordered_at = datetime.now(UTC)
        ensure(closed == [cart_id], "The order did not close the cart.")
        cart = await self.api.cart(self.api.store.customer(self.anna.customer_id))
        ensure(cart["id"] is None and not cart["lines"], "The cart is still there after the order.")
        self.narrator.found("the order closed the cart; the next one starts empty")

    async def _let_arrive(self, quiet_since: datetime) -> None:
        """A step that is due by now is not what the order has to stop: it comes first."""
        due = [step for step in self.plan.steps if quiet_since + step.delay < datetime.now(UTC) + SOON]
        ensure(len(due) < len(self.plan.steps), "Every reminder was due before the order: there is none left to stop.")
        by = datetime.now(UTC) + SOON + ARRIVAL
        channels: tuple[Channel, ...] = ("email", "sms")
        for channel in channels:
            wanted = sum(step.channel == channel for step in due) + (channel == "sms")
            otherwise = f"A reminder by {channel} that was due before the order did not come."
            await self._post.until(channel, partial(_at_least, wanted), by, otherwise)

    async def _silence(self, quiet_since: datetime) -> None:
        stopped = [step for step in self.plan.steps if quiet_since + step.delay > self._ordered_at]
        names = " and ".join(f"{step.channel} {seconds(step.delay)}" for step in stopped)
        end = quiet_since + self.plan.last.delay + SILENCE
        async with self.narrator.waiting(f"the campaign file goes on with {names}; waiting until that is over", end):
            await asyncio.sleep(max(0, (end - datetime.now(UTC)).total_seconds()))
        news = [letter for letter in await self._post.all() if letter.id not in self._before]
        ensure(not news, f"{len(news)} more came after the order: {', '.join(n.subject or n.text for n in news)}")
        self.narrator.found(f"{names} would have been due by now, and nothing came")

    def _guest(self, ben: Reminded) -> None:
        self.narrator.quote([f"Subject: {ben.question.subject}", ben.link])
        self.narrator.found(
            "the first e-mail asks whether the address is theirs; it names no goods, and no link says whose it is"
        )
        self.narrator.quote([f"Subject: {ben.reminder.subject}"])
        self.narrator.found(
            "the guest says yes on the page behind it; then the cart goes quiet, and its reminder comes"
        )

    def _told_of_stock(self, texts: list[Letter]) -> str | None:
        about = (t.text for t in texts if self._lantern.title in t.text)
        return next((text for text in about if re.search(rf"(?<![\w.,]){LEFT}(?![\w.,]\d)\b", text)), None)

    def _holds_both(self, cart: Cart, whose: str) -> None:
        held = {line["title"]: line["quantity"] for line in cart["lines"]}
        wanted = {self._throw.title: 1, self._lantern.title: 2}
        ensure(held == wanted, f"{whose} holds {listed(cart) or 'nothing'}.")
        ensure(cart["total"] == self._throw.price + 2 * self._lantern.price, f"{whose} has the wrong total.")


def _at_least(number: int, letters: list[Letter]) -> bool | None:
    return len(letters) >= number or None


def listed(cart: Cart) -> str:
    """What a cart holds, in words."""
    return " and ".join(f"{line['quantity']} x {line['title']}" for line in cart["lines"])


def amount(cart: Cart) -> str:
    """What a cart costs; the currencies of the story have two decimals."""
    return f"{cart['total'] / 100:.2f} {cart['currency']}"


def seconds(span: timedelta) -> str:
    """A short time in words."""
    return f"{span.total_seconds():.3g} s"


def gist(text: str, lines: int = 8) -> list[str]:
    """The beginning of a message's text, without empty lines."""
    return [line.strip() for line in text.splitlines() if line.strip()][:lines]
