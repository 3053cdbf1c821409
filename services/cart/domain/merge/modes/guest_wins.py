"""The guest's quantity: the cart on this device is the newest intention."""

from services.cart.domain.merge.modes.mode import MergeMode

GUEST_WINS = MergeMode(quantity=lambda _, theirs: theirs, own_lines_aside="in_two_currencies", attributes_of="guest")
