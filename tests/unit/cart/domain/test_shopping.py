"""Many devices, offline queues, log-ins, undo and orders in whatever order: the pure core is held to the ledger."""

from collections import Counter
from typing import Any
from uuid import UUID

from hypothesis.stateful import rule, run_state_machine_as_test

from services.cart.domain.cart import Cart, Change, Context, no_cart_yet
from services.cart.domain.commands import Command
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.merge.merge import claim_cart, merge
from services.cart.domain.merge.receipt import Mode
from services.cart.domain.merge.undo import Undoing, give_back, undo_merge
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.place import place
from tests.unit.cart.carts import moment
from tests.unit.cart.ledger import Held
from tests.unit.cart.shopping import Shopping, moves, rounds

Receipt = tuple[Undoing, UUID]


class Core:
    """Carts without a database: what the handlers do, and nothing else."""

    def __init__(self) -> None:
        self.seconds, self.orders = 0, 0
        self.carts: dict[str, Cart | None] = {"anna": None, "guest": None}
        self.stock: dict[str, int] = {}

    def _now(self) -> Context:
        self.seconds += 1
        return moment(self.seconds)

    def _new(self, who: str) -> Cart:
        now = self._now()
        return no_cart_yet(
            "shop", None if who == "guest" else who, Context(now.now, None, lambda: UUID(int=self.seconds))
        )

    def _becomes(self, who: str, change: Change | None) -> None:
        if change is not None:
            self.carts[who] = change.cart

    def asked(self, who: str, _: str, command: Command) -> str | None:
        try:
            self._becomes(who, decide(self.carts[who] or self._new(who), command, self._now()))
        except Refusal as refusal:
            return refusal.slug
        return None

    def held(self, who: str) -> Held:
        cart = self.carts[who] or self._new(who)
        assert cart.units == sum(cart.holds().values())
        return Held(Counter(cart.holds()), Counter({line.sku: line.quantity for line in cart.saved}))

    def restocked(self, sku: str, units: int) -> None:
        self.stock[sku] = units

    def logged_in(self, mode: Mode) -> Receipt | None:
        own, guest = self.carts["anna"], self.carts["guest"]
        if guest is None or not (guest.lines or guest.saved):
            return None
        now = self._now()
        done = merge(own, guest, mode, self.stock, now) if own else claim_cart(guest, "anna", now)
        self._becomes("anna", done.own)
        self.carts["guest"] = None
        return done.undoing, guest.cart_id

    def undone(self, receipt: Receipt) -> None:
        (undoing, came_from), own, begun = receipt, self.carts["anna"], self.carts["guest"]
        assert own is not None
        self._becomes("anna", undo_merge(own, undoing, came_from, self._now()))
        back = give_back(undoing.guest, self._new("guest"), own.cart_id, self._now())
        self._becomes("guest", merge(begun, back.cart, "sum", {}, self._now()).own if begun else back)

    def priced(self) -> tuple[UUID, int]:
        cart = self.carts["anna"]
        assert cart is not None
        return cart.cart_id, cart.version

    def ordered(self, priced: tuple[UUID, int] | None, *, guest_too: bool) -> None:
        self.orders += 1
        order = PlaceOrder(order_id=f"o-{self.orders}", customer_id="anna")
        if priced is not None:
            order = order.model_copy(update={"cart_id": priced[0], "cart_version": priced[1]})
        whose = ("anna", "guest") if guest_too else ("anna",)
        brought = [cart for who in whose if (cart := self.carts[who])]
        placed = place(order, "shop", brought, self._now())
        assert all(change.cart.status == "ordered" and change.event.holds == {} for change in placed.closed)
        for who in whose:
            before = self.carts[who]
            self.carts[who] = next(
                (one.cart for one in placed.following if before and one.follows == before.cart_id), None
            )


class InTheCore(Shopping):
    """A game of its own each time."""

    def __init__(self) -> None:
        super().__init__(Core())

    @rule(found=moves)
    def moves(self, found: Any) -> None:
        self.play(found)


def test_the_core_does_what_the_ledger_says():
    run_state_machine_as_test(InTheCore, settings=rounds(200, 50))
