"""What a merge mode says: the port of all modes. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class MergeMode:
    """How a log-in makes one cart of a customer's and a guest's.

    `quantity` gives the units of a line that is in both, from the customer's and the guest's; what does not fit of them
    (limits, stock) is set aside. `own_lines_aside` says when the customer's own lines are set aside instead, so that
    the guest's stand alone: where both carts have lines, always or only where they are in two currencies. Of an
    attribute that both carts have the value of `attributes_of` stays.
    """

    quantity: Callable[[int, int], int]
    own_lines_aside: Literal["never", "in_two_currencies", "always"] = "never"
    attributes_of: Literal["customer", "guest"] = "customer"
