"""The larger quantity: whoever put three on the phone and two at home meant three."""

from services.cart.domain.merge.modes.mode import MergeMode

MAX = MergeMode(quantity=max)
