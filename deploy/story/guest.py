"""Ben, who has no account: he leaves an address, says yes to the question that comes, and is reminded of his cart."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from deploy.story.links import open_cart, post_page
from deploy.story.mailbox import Letter, Mailbox
from deploy.story.narrator import ensure
from deploy.traffic.cart_api import CartApi, Item, guest

ARRIVAL = timedelta(seconds=20)
"""How long each of the two messages may take."""
WORDING = "Remind me of this cart by e-mail."
_LONGEST_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Reminded:
    """What Ben has had: the question, the link to his yes, and the reminder."""

    question: Letter
    link: str
    reminder: Letter


class Ben:
    """A guest, new for every telling; nobody has his address (RFC 2606)."""

    def __init__(self, api: CartApi, mail: Mailbox, item: Item, delay: timedelta) -> None:
        self._api, self._mail, self._item, self._delay = api, mail, item, delay
        self.email = f"ben.{secrets.token_hex(4)}@example.com"

    async def shops(self) -> Reminded:
        """From the checkout to the reminder. Raises `NotSoError` where anything else comes, or nothing."""
        token = await self._api.guest_token()
        cart = await self._api.add(guest(token, "laptop"), self._item)
        await self._api.leave_contact(guest(token), {"email": self.email, "consents": [_agreed()]})
        question = await self._letter(1, "No question came to the address that a guest had left.")
        ensure(self._item.title not in question.text, "The question names what the guest has in the cart.")
        ensure(self.email not in question.text, "The question says whose address it is.")
        link = next((link for link in question.links if urlsplit(link).path.startswith("/y/")), "")
        ensure(link, "There is no link in the question with which to say yes.")
        answer = await post_page(link)
        ensure(answer.status == 200, f"The guest's yes was answered {answer.status}.")
        await self._counts(str(cart["id"]))
        await self._api.add(guest(token, "laptop"), self._item)
        reminder = await self._letter(2, "The guest has said yes, and no reminder came.")
        ensure(self._item.title in reminder.text, f"The guest's reminder does not name the {self._item.title}.")
        found = await open_cart(self._api, reminder.links)
        ensure(found is not None and found[1]["id"] == cart["id"], "The guest's reminder leads to another cart.")
        return Reminded(question, link, reminder)

    async def _counts(self, cart_id: str) -> None:
        """Waits until the store sees the consent: what goes quiet from then on is reminded of."""
        by = datetime.now(UTC) + ARRIVAL
        while not ((await self._api.last_look(cart_id))["recipient"] or {"consent": {}})["consent"].get("email"):
            ensure(datetime.now(UTC) < by, "The guest's yes did not reach the cart.")
            await asyncio.sleep(0.1)

    async def _letter(self, number: int, otherwise: str) -> Letter:
        """The letter of this number, and no further one."""
        by = datetime.now(UTC) + ARRIVAL + self._delay * (number - 1)
        letters = await self._mail.arrived(self.email, 0)
        while len(letters) < number:
            left = by - datetime.now(UTC)
            ensure(left > timedelta(), otherwise)
            letters = await self._mail.arrived(self.email, min(_LONGEST_WAIT_S, left.total_seconds()))
        ensure(len(letters) == number, f"{len(letters)} e-mails came to the guest where {number} were due.")
        return letters[-1]


def _agreed() -> dict[str, str]:
    return {"channel": "email", "wording": WORDING}
