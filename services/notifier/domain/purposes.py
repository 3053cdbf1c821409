"""What messages are sent for. Pure."""

from typing import Final, Literal

Declinable = Literal["cart_reminders", "stock_alerts", "marketing"]
Purpose = Literal[Declinable, "transactional", "confirmation"]

DECLINABLE: Final[tuple[Declinable, ...]] = ("cart_reminders", "stock_alerts", "marketing")
"""What needs consent, and what somebody may want by itself: the order in which the preference centre shows them."""
