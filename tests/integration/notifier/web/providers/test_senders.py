"""What the DNS says of a store's sender, asked of a server of the DNS, and who may see it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from dns.resolver import NoResolverConfiguration

from libs.runtime.clock import utc_now
from services.notifier import main, resolver
from services.notifier.handlers import senders
from services.notifier.resolver import SystemDns
from services.notifier.web.providers.senders import StoreSenders
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented
from tests.support.dns_server import DnsServer, dns_server
from tests.unit.notifier.domain.senders.test_dkim import key

D = "nordwind.shop"
OTHER_KEY = "another-key-of-the-servers-of-the-shop"


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DnsServer]:
    """A domain that is as it should be, and as much time as a busy machine takes."""
    monkeypatch.setattr(resolver, "LIFETIME_S", 60.0)
    monkeypatch.setattr(senders, "BUDGET_S", 60.0)
    async with dns_server() as server:
        server.texts(D, "some-site-verification=1", "v=spf1 include:spf.relay.shop -all")
        server.texts("spf.relay.shop", "v=spf1 ip4:192.0.2.0/24 ~all")
        server.texts(f"s1._domainkey.{D}", f"v=DKIM1; k=rsa; p={key(4096)}")
        server.texts(f"_dmarc.{D}", "v=DMARC1; p=reject")
        server.says(D, "MX", f"10 mail.{D}.")
        yield server


@pytest.fixture
async def asked(world: World, names: DnsServer) -> AsyncIterator[httpx.AsyncClient]:
    world.shop |= {"email_from": f"hello@{D}", "dkim_selectors": ["s1"]}
    world.extra |= {"dns_servers": [f"127.0.0.1:{names.port}"]}
    transport = httpx.ASGITransport(main.web(world.settings, world.pool, world.stores, {}, utc_now))
    async with httpx.AsyncClient(transport=transport, base_url="https://n.nordwind.example") as client:
        yield client


async def told(web: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await web.get(f"/v1/stores/{STORE}/senders", headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, StoreSenders)
    found: list[dict[str, Any]] = answer.json()["senders"]
    return found


async def test_a_domain_that_is_as_it_should_be_is_told_as_such(asked: httpx.AsyncClient, names: DnsServer):
    (sender,) = await told(asked)
    assert (sender["channel"], sender["domain"], sender["providers"]) == ("email", D, ["smtp"])
    assert [(one["what"], one["state"], one["code"]) for one in sender["findings"]] == [
        ("spf", "good", "spf_good"),
        ("dkim", "good", "dkim_good"),
        ("dmarc", "good", "dmarc_good"),
        ("alignment", "good", "aligned_by_key"),
        ("bounce", "good", "bounce_good"),
    ]
    spf, dkim, *_, bounce = sender["findings"]
    assert spf["detail"] == f"{D} says who may send for it, after 1 of at most 10 look-ups."
    assert dkim["record"].endswith(key(4096)), "all strings of it"
    assert (bounce["value"], bounce["record"]) == (f"mail.{D}", f"10 mail.{D}")
    assert names.asked[D, "TXT"] == 1
    await told(asked)
    assert names.asked[D, "TXT"] == 1, "it is kept"


async def test_a_domain_that_has_fallen_apart_is_told_in_words(asked: httpx.AsyncClient, names: DnsServer):
    names.texts(D, "v=spf1 a -all", "v=spf1 mx -all")
    names.forgets([f"s1._domainkey.{D}", f"_dmarc.{D}"])
    names.says(D, "MX", "0 .")
    (sender,) = await told(asked)
    assert [(one["code"], one["state"]) for one in sender["findings"]] == [
        (code, "bad") for code in ("spf_many", "dkim_missing", "dmarc_missing", "bounce_refused")
    ]


async def test_servers_that_fail_or_say_nothing_make_nothing_bad(
    asked: httpx.AsyncClient, names: DnsServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(resolver, "LIFETIME_S", 0.2)
    names.silent = {D, f"s1._domainkey.{D}"}
    names.failing = {f"_dmarc.{D}"}
    (sender,) = await told(asked)
    assert {one["state"] for one in sender["findings"]} == {"unknown"}
    assert [one["what"] for one in sender["findings"]] == ["spf", "dkim", "dmarc", "bounce"]


async def test_names_and_addresses_are_told_as_texts(names: DnsServer):
    dns = SystemDns([f"127.0.0.1:{names.port}"])
    names.says("mail.nordwind.shop", "A", "192.0.2.11", "192.0.2.10")
    names.says("10.2.0.192.in-addr.arpa", "PTR", "mail.nordwind.shop.")
    assert await dns.ask("mail.nordwind.shop", "A") == ("192.0.2.10", "192.0.2.11")
    assert await dns.ask("mail.nordwind.shop.", "AAAA") == ()
    assert await dns.ask("192.0.2.10", "PTR") == ("mail.nordwind.shop",)
    names.says("nothing.shop", "MX", "0 .")
    assert await dns.ask("nothing.shop", "MX") == ("0 .",)
    assert await dns.ask("nowhere.shop", "TXT") == ()
    assert await dns.ask("a..shop", "TXT") is None
    assert await dns.ask(f"{'x' * 64}.shop", "TXT") is None
    assert await dns.ask("no address", "PTR") is None


def test_a_server_without_a_port_is_asked_at_the_usual_one():
    by_name = SystemDns(["192.0.2.1", "192.0.2.2:5353"])._resolver
    assert by_name is not None
    assert [str(one) for one in by_name.nameservers] == ["Do53:192.0.2.1@53", "Do53:192.0.2.2@5353"]


async def test_a_machine_without_a_resolver_knows_nothing(monkeypatch: pytest.MonkeyPatch):
    def none(*_: object, **__: object) -> None:
        raise NoResolverConfiguration

    monkeypatch.setattr(resolver, "Resolver", none)
    assert await SystemDns().ask("nordwind.shop", "TXT") is None


async def test_a_store_that_sends_no_letters_or_that_nobody_knows_has_none(
    world: World, web: httpx.AsyncClient, names: DnsServer
):
    world.shop["email_from"] = None
    assert world.stores, "described anew"
    assert await told(web) == []
    world.stores.pop(STORE)  # type: ignore[attr-defined]
    assert await told(web) == []


async def test_it_takes_a_key_of_the_store_that_may_read(world: World):
    named = [{"name": "writer", "key": OTHER_KEY, "scopes": ["messages:write"]}]
    world.extra |= {"keys": {STORE: named, "other": SERVERS_KEY}}
    transport = httpx.ASGITransport(main.web(world.settings, world.pool, world.stores, {}, utc_now))
    async with httpx.AsyncClient(transport=transport, base_url="https://n.nordwind.example") as web:
        for bearer, status in (("", 401), ("sk_nobody", 401), (SERVERS_KEY, 401), (OTHER_KEY, 403)):
            headers = {"Authorization": f"Bearer {bearer}"}
            assert (await web.get(f"/v1/stores/{STORE}/senders", headers=headers)).status_code == status, bearer
