"""What is asked of the DNS about a sender, how often, and what is told while it says nothing."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.senders.finding import Said
from services.notifier.domain.senders.sender import Sender
from services.notifier.handlers import senders
from services.notifier.handlers.senders import KEPT, KEPT_UNKNOWN, SenderChecks
from services.notifier.resolver import Kind

D = "nordwind.shop"
GOOD: dict[tuple[str, str], tuple[str, ...]] = {
    (D, "TXT"): ("v=spf1 include:spf.relay.shop -all",),
    ("spf.relay.shop", "TXT"): ("v=spf1 ip4:192.0.2.0/24 ~all",),
    (f"_dmarc.{D}", "TXT"): ("v=DMARC1; p=reject",),
    (D, "MX"): (f"10 mail.{D}",),
}
SENDER = Sender(D, returns_to=D)


class Names:
    """A DNS that says what it is told to, and None to what it can't be asked."""

    def __init__(self) -> None:
        self.records = dict[tuple[str, str], Said](GOOD)
        self.asked: Counter[str] = Counter()
        self.answers = asyncio.Event()
        self.answers.set()

    async def ask(self, name: str, kind: Kind) -> Said:
        self.asked[f"{name} {kind}"] += 1
        await self.answers.wait()
        return self.records.get((name, kind), ())


class Clock:
    now = datetime(2026, 12, 1, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def codes(checks: SenderChecks, sender: Sender = SENDER) -> list[str]:
    return [one.code for one in (await checks.of(sender)).findings]


async def test_what_was_found_is_kept_for_ten_minutes_and_what_was_not_for_one():
    names, clock = Names(), Clock()
    checks = SenderChecks(names, clock)
    found = ["spf_good", "dkim_unsaid", "dmarc_good", "aligned_by_envelope", "bounce_good"]
    assert await codes(checks) == found
    clock.now += KEPT - timedelta(seconds=1)
    names.records[D, "TXT"] = None
    assert await codes(checks) == found
    assert set(names.asked.values()) == {1}
    clock.now += timedelta(seconds=1)
    assert (await codes(checks))[0] == "spf_unknown"
    names.records[D, "TXT"] = ()
    clock.now += KEPT_UNKNOWN - timedelta(seconds=1)
    assert (await codes(checks))[0] == "spf_unknown"
    clock.now += timedelta(seconds=1)
    assert (await codes(checks))[0] == "spf_missing"
    assert (await checks.of(SENDER)).at == clock.now


async def test_who_asks_at_the_same_time_gets_the_same_and_one_that_goes_away_takes_nothing_along():
    names = Names()
    checks = SenderChecks(names, Clock())
    names.answers.clear()
    first, second = (asyncio.create_task(checks.of(SENDER)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    names.answers.set()
    assert (await second).findings[0].code == "spf_good"
    assert set(names.asked.values()) == {1}


async def test_what_takes_too_long_is_not_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(senders, "BUDGET_S", 0.01)
    names = Names()
    names.answers.clear()
    sender = Sender(D, ("s1", "s2"), D, f"mail.{D}")
    found = (await SenderChecks(names, Clock()).of(sender)).findings
    assert [one.code for one in found] == [
        *("spf_unknown", "dkim_unknown", "dkim_unknown", "dmarc_unknown", "bounce_unknown", "reverse_unknown"),
    ]
    assert [one.name for one in found] == [D, f"s1._domainkey.{D}", f"s2._domainkey.{D}", D, D, f"mail.{D}"]


async def test_of_names_for_examples_nobody_is_asked():
    names, clock = Names(), Clock()
    checks = SenderChecks(names, clock)
    assert await codes(checks, Sender("shop.example", ("s1",), "shop.example", "mail.shop.example")) == ["reserved"]
    assert not names.asked
    assert (await checks.of(Sender("shop.example"))).holds(clock.now + KEPT_UNKNOWN), "there is nothing to ask again"


async def test_a_provider_with_an_envelope_of_its_own_needs_no_record_for_it():
    names = Names()
    names.records[D, "TXT"] = ()
    assert await codes(SenderChecks(names, Clock()), Sender(D)) == [
        *("spf_unneeded", "dkim_unsaid", "dmarc_good", "bounce_good"),
    ]


async def test_the_relays_name_is_looked_for_where_the_relay_is_the_shops():
    names = Names()
    names.records |= {
        (f"mail.{D}", "A"): ("192.0.2.10",),
        (f"mail.{D}", "AAAA"): ("2001:db8::10",),
        ("192.0.2.10", "PTR"): (f"mail.{D}",),
        ("2001:db8::10", "PTR"): (f"other.{D}",),
    }
    news = Sender(f"news.{D}", returns_to=D, relay=f"mail.{D}")
    assert (await codes(SenderChecks(names, Clock()), news))[-1] == "reverse_other"
    names.records[f"other.{D}", "AAAA"] = ("2001:db8::10",)
    assert (await codes(SenderChecks(names, Clock()), news))[-1] == "reverse_good"
    theirs = Sender(D, returns_to=D, relay="smtp.relay.shop")
    assert (await codes(SenderChecks(names, Clock()), theirs))[-1] == "bounce_good"
