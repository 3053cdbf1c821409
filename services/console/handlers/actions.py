"""What people do by the console: calls of the services' own APIs, and a row in the audit before each of them.

The row comes first, so that nothing is done or seen that is not written down; where the call fails, a second says so.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.console.clients.cart import Cart
from services.console.clients.dead_letters import Letters
from services.console.clients.notifier import Notifier
from services.console.clients.service import ServiceError
from services.console.clients.trigger import Trigger
from services.console.db import audit
from services.console.domain.cart_edits import CartEdit
from services.console.domain.pauses import Scope
from services.console.domain.people import Person
from services.console.handlers.message_prices import MessagePrices

Json = dict[str, Any]


class Actions:
    """Each method is one thing that a person does in a store. All raise `ServiceError` where a service says no."""

    def __init__(self, pool: Pool, cart: Cart, trigger: Trigger, notifier: Notifier, letters: Letters) -> None:
        self._pool, self._cart, self._trigger, self._notifier = pool, cart, trigger, notifier
        self._letters, self._prices = letters, MessagePrices(pool)

    async def note(self, by: Person, store_id: str, action: str, subject: str = "", detail: str = "") -> None:
        """Writes down an action, or a look."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await audit.note(connection, by, store_id, action, subject=subject, detail=detail)

    async def pause(self, by: Person, store_id: str, scope: Scope, why: str) -> None:
        """Holds messages back. The notifier keeps why, and who it was."""
        async with self._noted(by, store_id, "messages.pause", _named(scope), why):
            await self._notifier.pause(store_id, scope, f"{why} ({by.name})"[:200])

    async def resume(self, by: Person, store_id: str, scope: Scope) -> int:
        """Lets go what a pause holds back; how many messages go out now."""
        async with self._noted(by, store_id, "messages.resume", _named(scope)):
            return await self._notifier.resume(store_id, scope)

    async def change_campaigns(self, by: Person, store_id: str, document: str, etag: str) -> Json:
        """Puts campaigns in force."""
        async with self._noted(by, store_id, "campaigns.change"):
            return await self._trigger.put(store_id, document, etag, dry_run=False)

    async def end_experiment(
        self, by: Person, store_id: str, campaign: str, winner: str, document: str, etag: str
    ) -> None:
        """Puts campaigns in force in which one arm of a campaign gets everybody."""
        async with self._noted(by, store_id, "experiments.end", f"campaign:{campaign}", f"winner:{winner}"):
            await self._trigger.put(store_id, document, etag, dry_run=False)

    async def roll_back(self, by: Person, store_id: str, version: int, etag: str) -> Json:
        """Puts an old version of the campaigns in force again."""
        async with self._noted(by, store_id, "campaigns.roll_back", f"version:{version}"):
            return await self._trigger.roll_back(store_id, version, etag, dry_run=False)

    async def change_template(self, by: Person, store_id: str, name: str, said: Json, etag: str) -> Json:
        """Says a template anew."""
        async with self._noted(by, store_id, "templates.change", f"template:{name}"):
            return await self._notifier.templates.put(store_id, name, said, etag, dry_run=False)

    async def roll_back_template(self, by: Person, store_id: str, name: str, version: int, etag: str) -> None:
        """Puts an old version of a template in force again."""
        async with self._noted(by, store_id, "templates.roll_back", f"template:{name}", f"version:{version}"):
            await self._notifier.templates.roll_back(store_id, name, version, etag)

    async def remove_template(self, by: Person, store_id: str, name: str, etag: str) -> None:
        """Takes the store's own template away: what ships counts again."""
        async with self._noted(by, store_id, "templates.remove", f"template:{name}"):
            await self._notifier.templates.remove(store_id, name, etag)

    async def try_campaigns(self, by: Person, store_id: str, document: str, days: int) -> str:
        """Tries a draft of the campaigns on the last days; the id of the backtest."""
        async with self._noted(by, store_id, "campaigns.try", "", f"days:{days}"):
            return await self._trigger.backtests.ask(store_id, document, days)

    async def cancel_backtest(self, by: Person, store_id: str, backtest_id: UUID) -> None:
        """Ends a backtest that is under way."""
        async with self._noted(by, store_id, "campaigns.try_cancel", f"backtest:{backtest_id}"):
            await self._trigger.backtests.cancel(store_id, backtest_id)

    async def change_prices(self, by: Person, store_id: str, prices: Mapping[str, Decimal]) -> None:
        """Says what a message costs, by channel."""
        told = ", ".join(f"{channel} {price}" for channel, price in prices.items())
        async with self._noted(by, store_id, "prices.change", "", told):
            await self._prices.say(store_id, prices)

    async def lift(self, by: Person, store_id: str, channel: str, subject: str, reason: str, why: str) -> int:
        """Lifts what closes a channel to somebody."""
        async with self._noted(by, store_id, "suppressions.lift", subject, f"{channel} {reason}: {why}"):
            return await self._notifier.lift(store_id, channel, subject, [reason], _who(by), why)

    async def read_reply(self, by: Person, store_id: str, message_sid: str, read_as: str) -> None:
        """Says what is in a reply that nobody but a person understands."""
        async with self._noted(by, store_id, "replies.read", f"reply:{message_sid}", read_as):
            await self._notifier.read_reply(store_id, message_sid, read_as, _who(by))

    async def contact(self, by: Person, store_id: str, customer_id: str) -> Json | None:
        """Name and addresses of a customer, for the moment in which they are shown."""
        async with self._noted(by, store_id, "customers.look", f"customer:{customer_id}"):
            return await self._cart.profile(store_id, customer_id)

    async def copy(self, by: Person, store_id: str, reminder_id: UUID, seen_as: str) -> Json | None:
        """The exact copy of a message: each look is a row, that of the letter in its frame, too."""
        async with self._noted(by, store_id, "contents.look", f"message:{reminder_id}", seen_as):
            return await self._notifier.copy(store_id, reminder_id)

    async def export(self, by: Person, store_id: str, customer_id: str) -> Json:
        """Everything that the services hold on a customer."""
        async with self._noted(by, store_id, "customers.export", f"customer:{customer_id}"):
            return {
                "cart": await self._cart.export(store_id, customer_id),
                "trigger": await self._trigger.export(store_id, customer_id),
                "notifier": await self._notifier.export(store_id, customer_id),
            }

    async def erase(self, by: Person, store_id: str, customer_id: str) -> str:
        """Erases a customer everywhere; the id by which its receipt is asked for."""
        async with self._noted(by, store_id, "customers.erase", f"customer:{customer_id}"):
            return await self._cart.erase(store_id, customer_id)

    async def undo_merge(self, by: Person, store_id: str, customer_id: str, merge_id: UUID) -> None:
        """Undoes what a log-in did to a customer's cart."""
        async with self._noted(by, store_id, "merges.undo", f"customer:{customer_id}", f"merge:{merge_id}"):
            await self._cart.undo_merge(store_id, customer_id, merge_id)

    async def change_cart(self, by: Person, store_id: str, customer_id: str, edit: CartEdit, key: str) -> None:
        """Changes what is in a customer's open cart."""
        async with self._noted(by, store_id, "carts.change", f"customer:{customer_id}", edit.said):
            await self._cart.change(store_id, customer_id, edit, key)

    async def cancel(self, by: Person, store_id: str, cart_id: UUID | None, reminder_id: UUID) -> None:
        """Cancels a reminder before it is sent: ahead of a cart at the trigger, once asked for at the notifier."""
        async with self._noted(by, store_id, "reminders.cancel", f"message:{reminder_id}"):
            if cart_id is None or not await self._trigger.cancel(store_id, cart_id, reminder_id):
                await self._notifier.cancel(store_id, reminder_id)

    async def send_test(self, by: Person, store_id: str, test: Json) -> Json:
        """Sends a test of a template: noted with whose name it has, if with any, and never with where it goes."""
        who, what = test.get("customer_id"), f"template:{test['template']}"
        subject, detail = (f"customer:{who}", what) if who else (what, "")
        async with self._noted(by, store_id, "tests.send", subject, f"{detail} {test['channel']}".strip()):
            return await self._notifier.send_test(store_id, test)

    async def found(self, by: Person, store_id: str, address: str) -> list[str]:
        """The customers at an address. That somebody looked is written down, the address is not."""
        async with self._noted(by, store_id, "customers.find"):
            return await self._notifier.customers_at(store_id, address)

    async def people_of_item(self, by: Person, store_id: str, sku: str, after: str, most: int) -> Json:
        """Who holds an item and who waits for it, by their ids: each look is a row."""
        async with self._noted(by, store_id, "items.people", f"item:{sku}"):
            return await self._trigger.people_of_item(store_id, sku, after, most)

    async def put_back(self, by: Person, store_id: str, topic: str, through: int) -> int:
        """Puts dead letters of a topic back, up to a number; how many that were."""
        async with self._noted(by, store_id, "letters.put_back", f"topic:{topic}", f"..{through}"):
            return await self._letters.put_back(topic, through)

    async def dismiss(self, by: Person, store_id: str, topic: str, through: int) -> int:
        """Takes dead letters of a topic as dealt with, up to a number; how many that were."""
        async with self._noted(by, store_id, "letters.dismiss", f"topic:{topic}", f"..{through}"):
            return await self._letters.dismiss(topic, through)

    async def found_by_order(self, by: Person, store_id: str, order_id: str) -> str | None:
        """Whose order it is. What was typed is not written down: it may be a name."""
        async with self._noted(by, store_id, "customers.find"):
            return await self._cart.customer_of_order(store_id, order_id)

    async def change_store(self, by: Person, store_id: str, settings: Json, etag: str, names: str) -> None:
        """Sets a store's settings; `names` are those that change, which is all that is written down of them."""
        async with self._noted(by, store_id, "store.change", f"store:{store_id}", names):
            await self._cart.stores.put(store_id, settings, etag, dry_run=False)

    async def make_key(self, by: Person, store_id: str, asked: Json) -> Json:
        """Makes a key; its id, and the secret that is told this once."""
        what = ", ".join(asked.get("scopes") or asked.get("origins") or ())
        async with self._noted(by, store_id, "keys.make", f"key:{asked['name']}"[:200], what[:500]):
            return await self._cart.stores.make_key(store_id, asked)

    async def rotate_key(self, by: Person, store_id: str, key_id: str, name: str, grace_hours: int) -> Json:
        """Gives a key another secret, that is told this once."""
        async with self._noted(by, store_id, "keys.rotate", f"key:{name}"[:200], f"{key_id} grace:{grace_hours}h"):
            return await self._cart.stores.rotate_key(store_id, key_id, grace_hours)

    async def revoke_key(self, by: Person, store_id: str, key_id: str, name: str) -> None:
        """Ends a key for ever."""
        async with self._noted(by, store_id, "keys.revoke", f"key:{name}"[:200], key_id):
            await self._cart.stores.revoke_key(store_id, key_id)

    @asynccontextmanager
    async def _noted(
        self, by: Person, store_id: str, action: str, subject: str = "", detail: str = ""
    ) -> AsyncIterator[None]:
        await self.note(by, store_id, action, subject, detail)
        try:
            yield
        except ServiceError as error:
            await self.note(by, store_id, f"{action}.failed", subject, error.detail or str(error))
            raise


def _named(scope: Scope) -> str:
    parts = (scope.campaign, f"step {scope.step}" if scope.step else "", scope.channel)
    return " ".join(part for part in parts if part) or "*"


def _who(by: Person) -> str:
    """Who does it, as other services note it."""
    return f"{by.name} <{by.email}>"[:200]
