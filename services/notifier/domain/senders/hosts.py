"""Where mail to a domain goes, and which names the addresses of a relay have. Pure."""

from collections.abc import Mapping
from typing import Final

from services.notifier.domain.senders.finding import Finding, Said, unknown

_RESERVED: Final = (
    *("example", "test", "invalid", "localhost", "local", "internal", "lan", "home.arpa", "onion"),
    *("example.com", "example.net", "example.org"),
)
"""RFC 2606, 6761 and 6762: the DNS of the world knows nobody there."""


def reserved(name: str) -> bool:
    """Whether a name is for examples or for a network of one's own; one without a dot is, too."""
    return "." not in name or f".{name}".endswith(tuple(f".{one}" for one in _RESERVED))


def returned(name: str, servers: Said, addresses: Said) -> Finding:
    """Whether a domain takes mail; `servers` are its MX as `10 mail.shop.example.`, `addresses` count without any."""
    if servers is None:
        return unknown("bounce", name)
    hosts = [one.split()[-1].rstrip(".") for one in sorted(servers, key=_preference)]
    if hosts == [""]:
        return Finding("bounce", name, "bounce_refused", record=", ".join(servers))
    if hosts:
        return Finding("bounce", name, "bounce_good", hosts[0], ", ".join(servers))
    if addresses is None:
        return unknown("bounce", name)
    if addresses:
        return Finding("bounce", name, "bounce_good", name)
    return Finding("bounce", name, "bounce_nowhere")


def reverse(relay: str, addresses: Said, names: Mapping[str, Said], leads_to: Mapping[str, Said]) -> Finding:
    """Whether each of a relay's `addresses` has a name that leads back to it: `names` by address, addresses by name."""
    if not addresses:
        return unknown("reverse", relay)
    for address in addresses:
        said = names.get(address)
        if said is None or any(leads_to.get(name) is None for name in said):
            return unknown("reverse", relay)
        if not said:
            return Finding("reverse", relay, "reverse_missing", address)
        if not any(address in (leads_to[name] or ()) for name in said):
            return Finding("reverse", relay, "reverse_other", address, ", ".join(said))
    return Finding("reverse", relay, "reverse_good")


def _preference(server: str) -> int:
    return int(server.split()[0])
