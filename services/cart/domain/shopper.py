"""Who asks. A shopper is a customer or a guest of one store, never both; a server speaks for the whole store."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Shopper:
    """A customer (`customer_id`) or the bearer of a guest's token (its SHA-256) in one store."""

    store_id: str
    customer_id: str | None = None
    token_hash: bytes | None = None

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Asked for some fifteen times a call, by caches and locks."""
        return hash((self.store_id, self.customer_id, self.token_hash))

    @cached_property
    def caller(self) -> str:
        """Whose idempotency keys these are."""
        return f"g:{self.token_hash.hex()}" if self.token_hash else f"c:{self.customer_id}"


SHOPPERS = ("g:", "c:")
"""How callers begin who are shoppers."""
SERVER = "s:"
"""The caller of the store's own servers, whichever of the secret keys in its settings they use."""
OPERATOR = "o:"
"""The caller of ops who use a key in the settings of the service."""
KEYED = "k:"
"""How callers begin who use a key that was made while the service ran; its id follows."""
COMMAND_LINE = "cli:"
"""Who changes something at the command line, beside the API."""
