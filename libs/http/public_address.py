"""Where a name leads that came from somebody else's settings: to nothing that only we can reach."""

import asyncio
import socket
from ipaddress import ip_address


async def public_address(host: str, port: int) -> str:
    """An address of a host, all of which are public. Raises OSError, ValueError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[4][0]) for place in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise ValueError("what is no public address is not asked")
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_global and not address.is_multicast
