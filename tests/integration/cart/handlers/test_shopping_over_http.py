"""Any number of devices, bad lines, log-ins, undo and orders in whatever order: two replicas are held to the ledger.

EVERCART_EXAMPLES=2000 plays that many other games than those of every day.
"""

import asyncio
from collections.abc import Coroutine
from itertools import count
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from libs.postgres.pool import open_pool
from services.cart.domain.commands import AddLine, Command
from tests.integration.cart.shop import Shop, done, refused
from tests.integration.cart.stories import stories_of, tells_truly
from tests.integration.cart.wire import Api, Luck, same, slug_of
from tests.unit.cart.shopping import Shopping, adds, commands, devices, move, moves, rounds

LUCK: st.SearchStrategy[Luck] = st.sampled_from(("answers come", "answers are lost", "calls go out twice at once"))
on_the_wire = st.one_of(
    moves,
    move("the_line_changes", LUCK),
    move("sends_an_old_call_again", st.integers(0, 99), st.integers(0, 1)),
    move("uses_a_key_again", adds),
    move("looks", devices),
    move("insists", devices, commands),
    move("two_devices_add_at_once", adds, adds),
    move("undoes_what_is_over", st.integers(0, 9)),
)


class OverHttp(Shopping):
    """What can only happen on a wire, beside everything else."""

    place: Api

    def __init__(self, place: Api) -> None:
        super().__init__(place)
        self.tags: dict[str, str] = {}

    def the_line_changes(self, luck: Luck) -> None:
        """From now on a client repeats what it got no answer to, or is too quick."""
        self.place.luck = luck

    def sends_an_old_call_again(self, which: int, replica: int) -> None:
        """With its key it changes nothing, however much has happened since."""
        if not self.place.sent:
            return
        old = self.place.sent[-1 - which % len(self.place.sent)]
        again = self.place.shop.elsewhere(old.visitor, replica)
        answer = self.place.run(again.ask(old.method, old.path, old.body, Idempotency_Key=old.key))
        assert same(answer, old.answer)

    def uses_a_key_again(self, command: AddLine) -> None:
        """For something else: refused."""
        if not self.place.sent:
            return
        old = self.place.sent[-1]
        method, path, body = self.place.call(command)
        body["title"] = "Another"
        answer = self.place.run(old.visitor.ask(method, path, body, Idempotency_Key=old.key))
        refused(answer, *((422, "idempotency-key-reused") if old.path != "/orders" else (403, "forbidden")))

    def looks(self, device: str) -> None:
        """The device knows this state from now on."""
        self.tags[device] = self.tag()

    def insists(self, device: str, command: Command) -> None:
        """On the state that it knows: if that is history, nothing is done."""
        tag, now = self.tags.get(device, '"0"'), self.tag()
        answer = self.place.write(self.place.at("anna", device), *self.place.call(command), If_Match=tag)
        if bare(tag) == bare(now):
            assert slug_of(answer) == self.ledger.asked("anna", command)
            self.changes()
        else:
            refused(answer, 412, "version-conflict")

    def two_devices_add_at_once(self, first: AddLine, second: AddLine) -> None:
        """Both count, also where they make the cart."""
        both = {"phone": first, "laptop": second}
        asking = [self.place.at("anna", device).ask(*self.place.call(one)) for device, one in both.items()]
        self.place.run(together(*asking))
        for one in (first, second):
            self.ledger.asked("anna", one)
            self.changes()

    def undoes_what_is_over(self, which: int) -> None:
        """What was undone, or bought, stays so."""
        if not self.place.over:
            return
        receipt, slug = self.place.over[which % len(self.place.over)]
        refused(self.place.write(self.place.anna, "POST", f"/cart/merges/{receipt}/undo", None), 409, slug)

    def tag(self) -> str:
        answer = self.place.run(self.place.anna.ask("GET", "/cart"))
        return str(answer.headers["etag"])


async def together(*calls: Coroutine[Any, Any, httpx.Response]) -> None:
    for answer in await asyncio.gather(*calls):
        done(answer)


def bare(tag: str) -> str:
    """A tag names the cart's state before the point, and after it what is told of it."""
    return tag.strip('"').partition(".")[0]


def test_the_service_does_what_the_ledger_says(dsn: str):
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(dsn, size=4))
        shop, numbers = Shop.open(pool), count()

        class Game(OverHttp):
            def __init__(self) -> None:
                super().__init__(Api(runner.run, shop, next(numbers)))

            @rule(found=on_the_wire)
            def moves(self, found: Any) -> None:
                self.play(found)

        try:
            run_state_machine_as_test(Game, settings=rounds(40, 30))
            for story in stories_of(runner.run(shop.events())).values():
                tells_truly(story)
        finally:
            runner.run(shop.close())
            pool.terminate()
