"""Whether the DNS is as it has to be for who sends: asks for the records, and keeps what was found for a while."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from cachetools import LRUCache

from libs.runtime.clock import Clock
from services.notifier.domain.senders import dkim, dmarc, hosts, spf
from services.notifier.domain.senders.finding import Finding, Said, unknown
from services.notifier.domain.senders.sender import Sender
from services.notifier.resolver import Dns, Kind

BUDGET_S = 3.0
"""For all questions about a sender; what is not answered by then is not known, and is sooner the next time."""
KEPT, KEPT_UNKNOWN = timedelta(minutes=10), timedelta(minutes=1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and when."""

    findings: tuple[Finding, ...]
    at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it may still be told."""
        certain = all(one.state != "unknown" or one.code == "reserved" for one in self.findings)
        return now - self.at < (KEPT if certain else KEPT_UNKNOWN)


class SenderChecks:
    """Looks senders up; whoever asks for the same at the same time gets the same."""

    def __init__(self, dns: Dns, clock: Clock) -> None:
        self._dns, self._clock = dns, clock
        self._kept: LRUCache[Sender, Checked] = LRUCache(1024)
        self._under_way: dict[Sender, asyncio.Task[Checked]] = {}

    async def of(self, sender: Sender) -> Checked:
        """What is known of a sender, not older than ten minutes; never waits longer than the budget."""
        kept = self._kept.get(sender)
        if kept is not None and kept.holds(self._clock()):
            return kept
        task = self._under_way.get(sender)
        if task is None:
            task = self._under_way[sender] = asyncio.create_task(self._look(sender))
            task.add_done_callback(lambda _: self._under_way.pop(sender, None))
        return await asyncio.shield(task)

    async def _look(self, sender: Sender) -> Checked:
        found = Checked(tuple(await _findings(self._dns, sender)), self._clock())
        self._kept[sender] = found
        return found


async def _findings(dns: Dns, sender: Sender) -> list[Finding]:
    if hosts.reserved(sender.domain):
        return [Finding("domain", sender.domain, "reserved")]
    places = [dkim.place(selector, sender.domain) for selector in sender.selectors]
    unanswered = dmarc.Policy(unknown("dmarc", sender.domain))
    of_spf, policy, bounce, keys = await asyncio.gather(
        _within(_spf(dns, sender), unknown("spf", sender.envelope)),
        _within(_dmarc(dns, sender.domain), unanswered),
        _within(_bounce(dns, sender.envelope), unknown("bounce", sender.envelope)),
        asyncio.gather(*(_within(_dkim(dns, place), unknown("dkim", place)) for place in places)),
    )
    keys = keys or [Finding("dkim", sender.domain, "dkim_unsaid")]
    aligned = dmarc.alignment(sender.domain, sender.returns_to, policy, of_spf, keys)
    found = [of_spf, *keys, policy.finding, *([aligned] if aligned else []), bounce]
    if sender.owns_relay(policy.family):
        found.append(await _within(_reverse(dns, sender.relay), unknown("reverse", sender.relay)))
    return found


async def _within(look: Awaitable[T], otherwise: T) -> T:
    try:
        async with asyncio.timeout(BUDGET_S):
            return await look
    except TimeoutError:
        return otherwise


async def _spf(dns: Dns, sender: Sender) -> Finding:
    records: dict[str, Said] = {}
    while names := sorted(spf.wanted(sender.envelope, records)):
        records |= await _all(dns, names, "TXT")
    return spf.judged(sender.envelope, records, needed=bool(sender.returns_to))


async def _dkim(dns: Dns, place: str) -> Finding:
    return dkim.judged(place, await dns.ask(place, "TXT"))


async def _dmarc(dns: Dns, domain: str) -> dmarc.Policy:
    return dmarc.judged(domain, await _all(dns, dmarc.wanted(domain), "TXT"))


async def _bounce(dns: Dns, name: str) -> Finding:
    servers, addresses = await asyncio.gather(dns.ask(name, "MX"), _addresses(dns, name))
    return hosts.returned(name, servers, addresses)


async def _reverse(dns: Dns, relay: str) -> Finding:
    addresses = await _addresses(dns, relay)
    names = await _all(dns, addresses or (), "PTR")
    heard = sorted({name for said in names.values() for name in said or ()})
    back = await asyncio.gather(*(_addresses(dns, name) for name in heard))
    return hosts.reverse(relay, addresses, names, dict(zip(heard, back, strict=True)))


async def _addresses(dns: Dns, name: str) -> Said:
    """The addresses of a host of both kinds."""
    four, six = await asyncio.gather(dns.ask(name, "A"), dns.ask(name, "AAAA"))
    return None if four is None or six is None else four + six


async def _all(dns: Dns, names: "list[str] | tuple[str, ...]", kind: Kind) -> dict[str, Said]:
    said = await asyncio.gather(*(dns.ask(name, kind) for name in names))
    return dict(zip(names, said, strict=True))
