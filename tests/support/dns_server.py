"""A server of the DNS on 127.0.0.1: says what it is told to, over UDP, by the messages of the library itself."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class DnsServer(asyncio.DatagramProtocol):
    """`records` are by name (without the dot at the end) and kind; a name without any is not there at all.
    To questions about `silent` names it says nothing, to those about `failing` ones that it can't.
    """

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.failing: set[str] = set()
        self.asked: Counter[tuple[str, str]] = Counter()
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    def says(self, name: str, kind: str, *records: str) -> None:
        """From now on, in the place of what it said before."""
        self.records[name, kind] = list(records)

    def texts(self, name: str, *texts: str) -> None:
        """The TXT records of a name; what is longer than 255 characters goes in several strings, as it has to."""
        quoted = (" ".join(f'"{text[n : n + 255]}"' for n in range(0, len(text), 255)) for text in texts)
        self.says(name, "TXT", *quoted)

    def forgets(self, names: Iterable[str]) -> None:
        """Names that are not there any more."""
        gone = set(names)
        self.records = {place: said for place, said in self.records.items() if place[0] not in gone}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        if name in self.silent:
            return
        answer = dns.message.make_response(query)
        if name in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif said := self.records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *said))
        elif name not in {known for known, _ in self.records}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        assert self._transport is not None
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def dns_server() -> AsyncIterator[DnsServer]:
    """One, until the block ends."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        DnsServer, local_addr=("127.0.0.1", 0)
    )
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
