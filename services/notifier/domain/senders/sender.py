"""Who sends a store's e-mails, as far as the DNS has to know of it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """`domain` is that of From, `selectors` those by which its messages are signed; to the domain `returns_to` comes
    what can't be delivered (empty: to the provider's own), and `relay` hands the messages on, where the provider has
    none of its own.
    """

    domain: str
    selectors: tuple[str, ...] = ()
    returns_to: str = ""
    relay: str = ""

    @property
    def envelope(self) -> str:
        """The domain whose mail server is looked for: where bounces come, else where replies do."""
        return self.returns_to or self.domain

    def owns_relay(self, family: str) -> bool:
        """Whether the relay is the shop's own: below its domain, or that of its `family`."""
        return any(f".{self.relay}".endswith(f".{one}") for one in (self.domain, family) if one)
