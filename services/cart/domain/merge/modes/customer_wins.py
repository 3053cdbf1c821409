"""The customer's quantity: what was gathered before log-in only adds what was not there."""

from services.cart.domain.merge.modes.mode import MergeMode

CUSTOMER_WINS = MergeMode(quantity=lambda ours, _: ours)
