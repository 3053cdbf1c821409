"""Ops are told what is wrong, once, and once that it is over: by mail, in the log, as a metric, and on Health."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from services.console.clients.mail import MailRelay, OpsMail
from services.console.db import faults
from services.console.domain.faults import CALM, Fault
from services.console.handlers.faults import AT_ONCE, Faults
from services.console.jobs.faults import FaultsJob
from services.console.metrics import FAULTS
from services.notifier.domain.senders.finding import Finding
from tests.integration.console.conftest import Console
from tests.integration.console.pages.conftest import Clock, others_of
from tests.integration.console.pages.fake_letters import NEWEST, FakeLetters
from tests.integration.console.pages.fake_senders import MANY, senders
from tests.integration.console.pages.fake_services import PAUSE, FakeServices
from tests.integration.notifier.stand_ins import Relay
from tests.unit.console.making import sent, store

PAGES, OPS = "https://console.shop.example", ("night@shop.example", "day@shop.example")


@dataclass
class Night:
    """A console whose job is driven by hand, the others' stand-ins, and the mails that came."""

    console: Console
    relay: Relay
    http: httpx.AsyncClient
    clock: Clock = field(default_factory=Clock)
    services: FakeServices = field(default_factory=FakeServices)
    letters: FakeLetters = field(default_factory=lambda: FakeLetters(dealt_with=NEWEST))

    def job(self) -> FaultsJob:
        """One of the processes that look."""
        others = others_of(self.services, self.http)
        looks = Faults(self.console.pool, self.clock, others.processes, others.notifier, self.letters)
        mail = OpsMail(MailRelay("127.0.0.1", self.relay.port, starttls=False), "console@shop.example", OPS, self.clock)
        return FaultsJob(self.console.pool, looks, mail, PAGES)

    async def round(self, **passed: float) -> list[str]:
        """Lets time pass and looks; the subjects of the mails that came of it."""
        before = len(self.relay.kept.contents)
        self.clock.passes(**passed)
        await self.job().round()
        return [str(self.mail(n)["Subject"]) for n in range(before, len(self.relay.kept.contents))]

    def mail(self, number: int) -> email.message.EmailMessage:
        """A mail as it came."""
        return email.message_from_bytes(self.relay.kept.contents[number], policy=email.policy.default)

    async def always_sent(self, per_week: int = 40) -> None:
        """A store that sent so many between nine and ten in each of the last weeks, and its last one at nine today."""
        await self.console.receive(store(store_version=2))
        for week in range(4):
            at = self.clock.now.replace(hour=7, minute=0) - timedelta(weeks=week)
            number = per_week if week else 1
            times = [at + timedelta(minutes=1 + 2 * n) if week else at for n in range(number)]
            await self.console.receive(*(sent(f"{week}/{n}", time) for n, time in enumerate(times)))


@pytest.fixture
async def night(console: Console) -> AsyncIterator[Night]:
    """Nothing is wrong yet."""
    relay = Relay()
    await relay.start()
    services = FakeServices()
    async with httpx.AsyncClient(transport=httpx.MockTransport(services.answer)) as http:
        yield Night(console, relay, http, services=services)
    await relay.stop()


SUBJECT = "[Evercart] nothing goes out: shop: silent for 3 h, 40 expected"
OUTBOX = "[Evercart] events are not published: cart-relay cart: the oldest event has waited for 720 s"


async def test_a_silence_is_told_once_and_once_that_it_is_over(night: Night) -> None:
    await night.always_sent()
    night.services.silent = {"cart-relay"}
    assert await night.round() == [SUBJECT]
    told = night.mail(0)
    assert (told["From"], told["To"]) == ("console@shop.example", ", ".join(OPS))
    assert told["Auto-Submitted"] == "auto-generated"
    assert PAGES in told.get_content()
    assert FAULTS.labels("silence")._value.get() == 1
    assert await night.round(minutes=1) == []
    await night.console.receive(sent("at last", night.clock.now))
    assert await night.round(minutes=1) == []
    assert await night.round(minutes=CALM / timedelta(minutes=1)) == [SUBJECT.replace("] nothing", "] over: nothing")]
    assert FAULTS.labels("silence")._value.get() == 0
    assert await night.console.rows("SELECT 1 FROM faults") == []


async def test_a_silence_that_somebody_wants_is_none(night: Night) -> None:
    await night.always_sent()
    night.services.silent = {"cart-relay"}
    night.services.pauses = [PAUSE]
    assert await night.round() == []
    night.services.pauses = [PAUSE | {"campaign": "cart"}]
    assert await night.round() == [SUBJECT]


async def test_a_store_that_never_sent_much_is_not_silent(night: Night) -> None:
    await night.always_sent(per_week=12)
    night.services.silent = {"cart-relay"}
    assert await night.round() == []


async def test_what_processes_and_brokers_say_is_told_and_holds_where_they_say_nothing(night: Night) -> None:
    night.letters.dealt_with = NEWEST - 2
    aside = "[Evercart] records were put aside: cart.events: 2 wait"
    assert sorted(await night.round()) == sorted([OUTBOX, aside])
    night.services.silent = {"cart-relay"}
    night.letters.silent = True
    assert await night.round(minutes=30) == [], "nobody knows whether it is over"
    night.letters.silent, night.letters.dealt_with = False, NEWEST
    assert await night.round(minutes=1) == [aside.replace("] records", "] over: records")]
    assert await night.console.rows("SELECT kind, about FROM faults") == [("outbox", "cart-relay cart")]


async def test_what_the_relay_does_not_take_is_told_the_next_time(night: Night) -> None:
    await night.relay.stop()
    assert await night.round() == []
    assert await night.console.rows("SELECT kind, told FROM faults") == [("outbox", False)]
    await night.relay.start(night.relay.port)
    assert await night.round(minutes=1) == [OUTBOX]


async def test_of_two_processes_that_look_at_once_one_tells(night: Night) -> None:
    await asyncio.gather(night.job().round(), night.job().round())
    assert [str(night.mail(n)["Subject"]) for n in range(len(night.relay.kept.contents))] == [OUTBOX]


async def test_rates_at_which_providers_refuse_are_told(night: Night) -> None:
    night.services.silent = {"cart-relay"}
    await night.console.receive(store())
    await night.console.pool.execute(
        "INSERT INTO touch_sums SELECT 'shop', $1::date - n, 'cart', 'abandoned_cart', '', 1, '', 'email', '',"
        " 300, 0, 300, 0, 300, 290, CASE WHEN n < 7 THEN 18 ELSE 300 END, 0, 0, 0, 0 FROM generate_series(0, 9) AS n",
        night.clock.now.date(),
    )
    rate = "shop: email bounced: 6.00% of a week's messages, at most 5.0% may be"
    assert await night.round() == [f"[Evercart] recipients reject what is sent: {rate}"]


async def test_a_dns_that_breaks_is_told_once_and_goes_on_while_nobody_can_ask(night: Night) -> None:
    night.services.silent = {"cart-relay"}
    await night.console.receive(store())
    night.services.senders = senders(MANY)
    what = "shop: SPF: lanternloom.shop has 2 SPF records: with more than one, none counts"
    assert await night.round() == [f"[Evercart] the DNS is not as mailbox providers want it: {what}"]
    assert FAULTS.labels("dns")._value.get() == 1
    night.services.silent = {"cart-relay", "notifier"}
    assert await night.round(minutes=30) == [], "the notifier says nothing"
    night.services.silent = {"cart-relay"}
    night.services.senders = senders(Finding("spf", "lanternloom.shop", "spf_unknown"))
    assert await night.round(minutes=30) == [], "the DNS says nothing"
    night.services.senders = senders()
    assert await night.round(minutes=1) == [f"[Evercart] over: the DNS is not as mailbox providers want it: {what}"]


async def test_a_notifier_that_says_nothing_is_not_asked_for_every_store(night: Night) -> None:
    night.services.silent = {"cart-relay", "notifier"}
    await night.console.receive(store())
    await night.console.pool.execute(
        "INSERT INTO stores (store_id, version, name, locale, time_zone, currency)"
        " SELECT 's' || n, 1, 'S', 'en', 'UTC', 'EUR' FROM generate_series(1, 40) AS n"
    )
    async with night.console.pool.acquire() as connection:
        await faults.see(connection, [Fault("dns", "s9", "SPF: none.", 1.0)], night.clock.now)
    assert await night.round() == ["[Evercart] the DNS is not as mailbox providers want it: s9: SPF: none"]
    assert await night.round(minutes=30) == [], "it goes on, though nobody asked for its store"
    assert night.services.senders_asked == 2 * AT_ONCE


async def test_a_console_that_reads_too_late_is_told(night: Night) -> None:
    night.services.silent = {"cart-relay"}
    await night.console.pool.execute(
        "INSERT INTO reading VALUES ('cart.events', 0, 5, $1, $2), ('cart.events', 1, 0, $1, $2),"
        " ('stores', 0, 0, $1, $2)",
        *(night.clock.now - timedelta(seconds=660), night.clock.now),
    )
    (subject,) = await night.round(minutes=1)
    assert subject.strip() == "[Evercart] events are read too late: console cart.events: 720 s behind"
