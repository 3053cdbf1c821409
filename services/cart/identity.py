"""Who asks. A shopper is a customer or a guest of one store, never both; a server speaks for the whole store."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Shopper:
    """A customer (`customer_id`) or the bearer of a guest's token (its SHA-256) in one store."""

    store_id: str
    customer_id: str | None = None
    token_hash: bytes | None = None

    @cached_property
    def caller(self) -> str:
        """Whose idempotency keys these are."""
        return f"g:{self.token_hash.hex()}" if self.token_hash else f"c:{self.customer_id}"


SERVER = "s:"
"""The caller of the store's own servers, whichever of its secret keys they use."""
