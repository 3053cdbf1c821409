"""Both quantities: what was put in on either device is wanted."""

from services.cart.domain.merge.modes.mode import MergeMode

SUM = MergeMode(quantity=lambda ours, theirs: ours + theirs)
