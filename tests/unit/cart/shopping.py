"""One customer on two devices and a guest on one of them do whatever they like: the rules, wherever they are played."""

import os
from typing import Any, Protocol

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from services.cart.domain.commands import Clear, Command, DiscardSaved, RemoveLine, RestoreLine, SaveLine, SetQuantity
from services.cart.domain.merge.receipt import Mode
from tests.unit.cart.carts import add
from tests.unit.cart.ledger import SKUS, Held, Joined, Ledger

REMEMBERED = 8
"""Changes after which a line may have forgotten what it held when it was priced."""

BETWEEN_ORDERS = 8
"""A game in which every other move is an order has little to lose."""

skus = st.sampled_from(SKUS)
ids = skus.map(lambda sku: add(sku).line_id())
devices = st.sampled_from(("phone", "laptop"))
modes: st.SearchStrategy[Mode] = st.sampled_from(("max", "sum", "guest_wins", "customer_wins", "save_for_later"))
adds = st.builds(add, skus, st.integers(1, 3))
commands: st.SearchStrategy[Command] = st.one_of(
    adds,
    adds,
    st.builds(SetQuantity, ids, st.integers(0, 4)),
    st.builds(RemoveLine, ids),
    st.builds(SaveLine, ids),
    st.builds(RestoreLine, ids),
    st.builds(DiscardSaved, ids),
    st.just(Clear()),
)
some = st.lists(commands, max_size=3)


def move(name: str, *details: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One thing to do in a game; it is passed over where it makes no sense."""
    return st.tuples(st.just(name), *details)


# One rule of many moves: Hypothesis leaves out rules of its own choice in each game, and these mean little alone.
moves: st.SearchStrategy[Any] = st.one_of(
    move("asks", devices, commands),
    move("asks", devices, commands),
    move("asks_as_guest", commands),
    move("goes_offline", devices),
    move("comes_back", devices),
    move("is_restocked", skus, st.integers(0, 5)),
    move("logs_in", modes, st.lists(adds, max_size=2)),
    move("undoes_a_log_in", st.integers(0, 2), some, st.lists(adds, max_size=1)),
    move("goes_to_the_checkout"),
    move("orders", st.booleans(), st.booleans(), some),
)


class Place(Protocol):
    """Where the shopping is done: `who` is anna or guest."""

    def asked(self, who: str, device: str, command: Command) -> str | None:
        """Carries a command out; the slug of the refusal, if any."""

    def held(self, who: str) -> Held:
        """What the active cart holds."""

    def restocked(self, sku: str, units: int) -> None: ...

    def logged_in(self, mode: Mode) -> Any:
        """The guest's cart comes to anna; something to undo it with, None where nothing was taken over."""

    def undone(self, receipt: Any) -> None: ...

    def priced(self) -> Any:
        """Something that names the state in which anna's cart is."""

    def ordered(self, priced: Any, *, guest_too: bool) -> None:
        """Anna buys: what was `priced`, or everything where that is None."""


def rounds(examples: int, steps: int) -> settings:
    """The same games each time, `examples` where the profile has a hundred; EVERCART_EXAMPLES asks for other games."""
    more, profile = os.environ.get("EVERCART_EXAMPLES"), settings()
    return settings(
        max_examples=int(more or examples * profile.max_examples // 100),
        stateful_step_count=steps,
        deadline=None,
        derandomize=more is None,
        database=None,
        print_blob=True,
        phases=[phase for phase in profile.phases if phase in (Phase.generate, Phase.shrink)],
    )


class Shopping(RuleBasedStateMachine):
    """Plays the same in a place and in the ledger."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place, self.ledger = place, Ledger()
        self.offline: dict[str, list[Command]] = {}
        self.merges: list[tuple[Any, Joined]] = []
        self.priced: Any = None
        self.since_priced = self.commands = 0

    def play(self, found: Any) -> None:
        """Makes a move."""
        name, *details = found
        getattr(self, name)(*details)

    def does(self, who: str, device: str, command: Command) -> None:
        """One command reaches the shop."""
        assert self.place.asked(who, device, command) == self.ledger.asked(who, command)
        self.changes()

    def changes(self) -> None:
        self.commands += 1
        self.since_priced += 1
        if self.since_priced > REMEMBERED:
            self.priced = None

    def asks(self, device: str, command: Command) -> None:
        """Whatever happens meanwhile: deltas count, the last absolute holds."""
        if device in self.offline:
            self.offline[device].append(command)
        else:
            self.does("anna", device, command)

    def asks_as_guest(self, command: Command) -> None:
        """On a device that nobody is logged in on."""
        self.does("guest", "phone", command)

    def goes_offline(self, device: str) -> None:
        """From now on its commands wait."""
        if self.offline:
            return  # somebody must be there to see that they come
        self.offline.setdefault(device, [])

    def comes_back(self, device: str) -> None:
        """Sends what waited, in its order."""
        for command in self.offline.pop(device, []):
            self.does("anna", device, command)

    def is_restocked(self, sku: str, units: int) -> None:
        """The shop has told how many there are: a log-in heeds it."""
        self.place.restocked(sku, units)
        self.ledger.stock[sku] = units

    def logs_in(self, mode: Mode, before: list[Command]) -> None:
        """The guest's cart goes along; the device starts clean."""
        for command in before:
            self.does("guest", "phone", command)
        receipt, joined = self.place.logged_in(mode), self.ledger.log_in(mode)
        assert (receipt is None) == (joined is None)
        if joined is not None:
            self.merges.append((receipt, joined))
        self.changes()

    def undoes_a_log_in(self, which: int, meanwhile: list[Command], begun: list[Command]) -> None:
        """Not only the latest one, and after further changes, when the guest has begun another cart."""
        if not self.merges:
            return
        for command in meanwhile:
            self.does("anna", "laptop", command)
        for command in begun:
            self.does("guest", "phone", command)
        receipt, joined = self.merges.pop(which % len(self.merges))
        self.place.undone(receipt)
        self.ledger.undo(joined)
        self.changes()

    def goes_to_the_checkout(self) -> None:
        """What is in the cart now is priced."""
        if self.ledger.carts["anna"] is None:
            return
        self.priced, self.since_priced = self.place.priced(), 0
        self.ledger.price()

    def orders(self, guest_too: bool, prices: bool, meanwhile: list[Command]) -> None:
        """What was priced if something was, else everything; nothing before it can be undone any more."""
        if self.commands < BETWEEN_ORDERS:
            return
        if prices:
            self.goes_to_the_checkout()
        for command in meanwhile:
            self.does("anna", "phone", command)
        self.place.ordered(self.priced, guest_too=guest_too)
        self.ledger.order(as_priced=self.priced is not None, guest_too=guest_too)
        self.merges, self.priced, self.commands = [], None, 0

    @invariant()
    def each_unit_is_where_somebody_put_it(self) -> None:
        """And nowhere else."""
        for who in self.ledger.carts:
            assert self.place.held(who) == self.ledger.held(who).copy()
