"""Many devices, offline queues, log-ins, undo and orders in whatever order, held to a model of a few lines."""

from collections import Counter
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.cart.cart import Cart, no_cart_yet
from services.cart.commands import AddLine, RemoveLine, SetQuantity, line_id
from services.cart.decisions import decide
from services.cart.merge import claimed, merge
from services.cart.orders import place
from services.cart.purchases import PlaceOrder
from services.cart.undo import Undoing, undone
from tests.unit.cart.carts import SKUS, add, moment

DEVICES = ("phone", "laptop")
skus = st.sampled_from(SKUS[:2])
units = st.integers(1, 3)
devices = st.sampled_from(DEVICES)


class Shopping(RuleBasedStateMachine):
    """One customer with two devices, and a guest on one of them. The model counts units of each sku."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0
        self.cart, self.guest = self._new("anna"), self._new(None)
        self.model: Counter[str] = Counter()
        self.guests: Counter[str] = Counter()
        self.offline: dict[str, list[AddLine | SetQuantity | RemoveLine]] = {}
        self.merged: tuple[Undoing, UUID, Counter[str], Counter[str]] | None = None
        self.orders = 0

    def _now(self):
        self.seconds += 1
        return moment(self.seconds)

    def _new(self, customer_id: str | None) -> Cart:
        self.seconds += 1
        return no_cart_yet("shop", customer_id, moment(self.seconds))

    def _asked(self, device: str, command: AddLine | SetQuantity | RemoveLine) -> None:
        if device in self.offline:
            self.offline[device].append(command)
        else:
            self._done(command)

    def _done(self, command: AddLine | SetQuantity | RemoveLine) -> None:
        sku = next(s for s in SKUS if line_id(s, {}) == _line(command))
        if isinstance(command, SetQuantity) and not self.model[sku]:
            return  # an absolute needs its line: a device that lost it is told so
        change = decide(self.cart, command, self._now())
        self.cart = change.cart if change else self.cart
        match command:
            case AddLine():
                self.model[sku] += command.quantity
            case SetQuantity():
                self.model[sku] = command.quantity
            case RemoveLine():
                self.model[sku] = 0

    @rule(device=devices, sku=skus, quantity=units)
    def adds(self, device: str, sku: str, quantity: int) -> None:
        """A delta: whatever else happens meanwhile, it counts."""
        self._asked(device, add(sku, quantity))

    @rule(device=devices, sku=skus, quantity=st.integers(0, 4))
    def sets(self, device: str, sku: str, quantity: int) -> None:
        """An absolute: the last one holds."""
        self._asked(device, SetQuantity(line_id(sku, {}), quantity))

    @rule(device=devices, sku=skus)
    def removes(self, device: str, sku: str) -> None:
        """Takes a line out, if it is there."""
        self._asked(device, RemoveLine(line_id(sku, {})))

    @rule(device=devices)
    def goes_offline(self, device: str) -> None:
        """From now on its commands wait."""
        self.offline.setdefault(device, [])

    @rule(device=devices)
    def comes_back(self, device: str) -> None:
        """Sends what waited, in its order."""
        for command in self.offline.pop(device, []):
            self._done(command)

    @rule(sku=skus, quantity=units)
    def adds_as_guest(self, sku: str, quantity: int) -> None:
        """On a device that nobody has logged in on."""
        change = decide(self.guest, add(sku, quantity), self._now())
        assert change is not None
        self.guest = change.cart
        self.guests[sku] += quantity

    @precondition(lambda self: self.guests)
    @rule()
    def logs_in(self) -> None:
        """The guest's units come on top (mode sum); the device starts clean."""
        before = Counter(self.model)
        done = (
            merge(self.cart, self.guest, "sum", {}, self._now())
            if self.cart.version
            else claimed(self.guest, "anna", self._now())
        )
        assert done.own is not None
        self.cart, self.model = done.own.cart, self.model + self.guests
        self.merged = (done.undoing, self.guest.cart_id, before, Counter(self.model))
        self.guest, self.guests = self._new(None), Counter()

    @precondition(lambda self: self.merged is not None)
    @rule()
    def undoes_the_log_in(self) -> None:
        """What was added since stays; what was lowered since is not raised again."""
        assert self.merged is not None
        undoing, guest_id, before, after = self.merged
        change = undone(self.cart, undoing, guest_id, self._now())
        self.cart = change.cart if change else self.cart
        for sku in SKUS:
            now = self.model[sku]
            kept = before[sku] + now - after[sku] if now >= after[sku] else min(now, before[sku])
            self.model[sku] = kept
        self.merged = None

    @precondition(lambda self: self.cart.version)
    @rule()
    def orders_what_is_there(self) -> None:
        """Closes the cart; nothing of it can be undone, and the next one starts empty."""
        self.orders += 1
        order = PlaceOrder(order_id=f"o-{self.orders}", customer_id="anna")
        (closed,) = place(order, "shop", [self.cart], self._now()).closed
        assert closed.cart.status == "ordered"
        assert closed.event.holds == {}
        self.cart, self.model, self.merged = self._new("anna"), Counter(), None

    @invariant()
    def the_cart_is_the_model(self) -> None:
        """Each unit is where somebody put it, and nowhere else."""
        assert self.cart.holds() == dict(+self.model)
        assert self.guest.holds() == dict(+self.guests)
        assert self.cart.units == sum(self.model.values())


def _line(command: AddLine | SetQuantity | RemoveLine) -> UUID:
    return command.line_id() if isinstance(command, AddLine) else command.line_id


TestShopping = Shopping.TestCase
TestShopping.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
