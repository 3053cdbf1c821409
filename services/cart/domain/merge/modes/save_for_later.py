"""The guest's cart as it is; the customer's own lines are set aside for later."""

from services.cart.domain.merge.modes.mode import MergeMode

SAVE_FOR_LATER = MergeMode(quantity=lambda _, theirs: theirs, own_lines_aside="always", attributes_of="guest")
