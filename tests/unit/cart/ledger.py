"""What carts must hold: shopping as counters of units, a model to which the core and the whole service are held."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from services.cart.domain.commands import (
    AddLine,
    Clear,
    Command,
    DiscardSaved,
    RemoveLine,
    RestoreLine,
    SaveLine,
    SetQuantity,
    line_id,
)
from services.cart.domain.merge.receipt import Mode

SKUS = ("tea", "jam")
_SKU_OF = {line_id(sku, {}): sku for sku in SKUS}


def sku_of(id_: UUID) -> str:
    return _SKU_OF[id_]


@dataclass
class Held:
    """Units of each sku in a cart, and set aside."""

    lines: Counter[str] = field(default_factory=Counter)
    saved: Counter[str] = field(default_factory=Counter)

    def copy(self) -> "Held":
        return Held(+self.lines, +self.saved)

    def of(self, sku: str) -> tuple[int, int]:
        return self.lines[sku], self.saved[sku]

    def __bool__(self) -> bool:
        return bool(+self.lines or +self.saved)


@dataclass(frozen=True)
class Joined:
    """What a log-in did: the customer's cart before and after, the guest's; whether the customer's was set aside."""

    before: Held
    after: Held
    guest: Held
    shelved: bool


class Ledger:
    """The customer's cart and a guest's on one device; None where there is none."""

    def __init__(self) -> None:
        self.carts: dict[str, Held | None] = {"anna": None, "guest": None}
        self.stock: dict[str, int] = {}
        self.priced: Counter[str] | None = None

    def held(self, who: str) -> Held:
        return self.carts[who] or Held()

    def asked(self, who: str, command: Command) -> str | None:
        """Carries out a command; gives the slug of the refusal where it must be refused."""
        held = self.held(who).copy()
        refusal = _asked(held, command)
        if held != self.held(who):
            self._becomes(who, held)
        return refusal

    def log_in(self, mode: Mode) -> Joined | None:
        """The guest's cart comes to the customer; None where there is nothing to take over."""
        guest, own = self.held("guest"), self.carts["anna"]
        if not guest:
            return None
        shelved = bool(own and mode == "save_for_later" and +own.lines and +guest.lines)
        after = guest.copy() if own is None else self._merged(own, guest, mode, shelved=shelved)
        joined = Joined((own or Held()).copy(), after.copy(), guest.copy(), shelved)
        self._becomes("anna", after)
        self.carts["guest"] = None
        return joined

    def undo(self, joined: Joined) -> None:
        """What the log-in did is taken back; what happened since stays. The guest has everything again."""
        now, left = self.held("anna"), Held()
        for sku in SKUS:
            units = _reverted(joined.before.of(sku), joined.after.of(sku), now.of(sku), shelved=joined.shelved)
            left.lines[sku], left.saved[sku] = units
        self._becomes("anna", left.copy())
        begun = self.held("guest")
        self.carts["guest"] = Held(begun.lines + joined.guest.lines, begun.saved + joined.guest.saved)

    def price(self) -> None:
        """Somebody looks at the customer's cart to pay for it."""
        self.priced = Counter(self.held("anna").lines)

    def order(self, *, as_priced: bool, guest_too: bool) -> None:
        """What was bought is gone; what came since it was priced, and what was saved, is the next cart."""
        held, priced = self.held("anna"), self.priced
        taken = priced if as_priced and priced is not None else held.lines
        self._follow("anna", Held(held.lines - taken, held.saved))
        if guest_too:
            self._follow("guest", Held(saved=self.held("guest").saved))
        self.priced = None

    def _follow(self, who: str, left: Held) -> None:
        self.carts[who] = left.copy() if left else None

    def _becomes(self, who: str, held: Held) -> None:
        self.carts[who] = held
        if who == "anna" and self.priced is not None:  # a line that was gone for a moment is another one
            self.priced = Counter({sku: units for sku, units in self.priced.items() if held.lines[sku]})

    def _merged(self, own: Held, guest: Held, mode: Mode, *, shelved: bool) -> Held:
        after = Held(saved=own.saved + own.lines) if shelved else own.copy()
        for sku, theirs in guest.lines.items():
            ours = after.lines[sku]
            asked = _quantity(ours, theirs, mode) if ours else theirs
            fits = min(asked, max(self.stock.get(sku, asked), ours))
            after.lines[sku] = fits
            after.saved[sku] += asked - fits
        after.saved += guest.saved
        return after.copy()


def _asked(held: Held, command: Command) -> str | None:
    match command:
        case AddLine(sku=sku, quantity=quantity):
            held.lines[sku] += quantity
        case Clear():
            held.lines.clear()
        case RemoveLine(line_id=id_):
            del held.lines[sku_of(id_)]
        case DiscardSaved(line_id=id_):
            del held.saved[sku_of(id_)]
        case SetQuantity(line_id=id_, quantity=quantity) if held.lines[sku_of(id_)]:
            held.lines[sku_of(id_)] = quantity
        case SaveLine(line_id=id_) if held.lines[sku_of(id_)] or held.saved[sku_of(id_)]:
            held.saved[sku_of(id_)] += held.lines.pop(sku_of(id_), 0)
        case RestoreLine(line_id=id_) if held.saved[sku_of(id_)]:
            held.lines[sku_of(id_)] += held.saved.pop(sku_of(id_))
        case _:
            return "unknown-line"
    held.lines, held.saved = +held.lines, +held.saved
    return None


def _quantity(ours: int, theirs: int, mode: Mode) -> int:
    by_mode = {"max": max(ours, theirs), "sum": ours + theirs, "customer_wins": ours}
    return by_mode.get(mode, theirs)


def _reverted(
    before: tuple[int, int], after: tuple[int, int], now: tuple[int, int], *, shelved: bool
) -> tuple[int, int]:
    """Moves between cart and shelf since are put off, the merge is taken back, the moves are made again."""
    (lines, saved), came, went = now, now[0] - after[0], after[1] - now[1]
    moved = min(came, went) if min(came, went) > 0 else min(0, max(came, went))
    lines, saved = lines - moved, saved + moved
    own = max(before[0] - max(after[1] - saved, 0), 0) if shelved else before[0]  # set aside, then discarded: gone
    lines, saved = _since(own, after[0], lines), _since(before[1], after[1], saved)
    again = min(moved, saved) if moved > 0 else -min(-moved, lines)
    return lines + again, saved - again


def _since(before: int, after: int, now: int) -> int:
    return before + now - after if now >= after else min(now, before)
