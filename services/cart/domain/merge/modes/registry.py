"""The merge modes, by the names by which stores and log-ins choose one."""

from services.cart.domain.merge.modes.customer_wins import CUSTOMER_WINS
from services.cart.domain.merge.modes.guest_wins import GUEST_WINS
from services.cart.domain.merge.modes.max import MAX
from services.cart.domain.merge.modes.mode import MergeMode
from services.cart.domain.merge.modes.save_for_later import SAVE_FOR_LATER
from services.cart.domain.merge.modes.sum import SUM

MODES: dict[str, MergeMode] = {
    "max": MAX,
    "sum": SUM,
    "guest_wins": GUEST_WINS,
    "customer_wins": CUSTOMER_WINS,
    "save_for_later": SAVE_FOR_LATER,
}
