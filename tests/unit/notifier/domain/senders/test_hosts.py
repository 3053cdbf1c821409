"""Where mail goes, and which names a relay has."""

import pytest

from services.notifier.domain.senders.finding import Said
from services.notifier.domain.senders.hosts import reserved, returned, reverse
from services.notifier.domain.senders.sender import Sender

D, RELAY, ADDRESS, SIX = "nordwind.shop", "mail.nordwind.shop", "192.0.2.10", "2001:db8::10"


@pytest.mark.parametrize(
    ("servers", "addresses", "code", "value"),
    [
        (("20 b.nordwind.shop", "10 a.nordwind.shop.", "5 c.nordwind.shop"), (), "bounce_good", "c.nordwind.shop"),
        (("100 b.nordwind.shop", "20 a.nordwind.shop"), None, "bounce_good", "a.nordwind.shop"),
        (("0 .",), (ADDRESS,), "bounce_refused", ""),
        ((), (ADDRESS,), "bounce_good", D),
        ((), (), "bounce_nowhere", ""),
        ((), None, "bounce_unknown", ""),
        (None, (ADDRESS,), "bounce_unknown", ""),
    ],
)
def test_mail_goes_to_the_first_server_else_to_the_host_itself(servers: Said, addresses: Said, code: str, value: str):
    found = returned(D, servers, addresses)
    assert (found.what, found.name, found.code, found.value) == ("bounce", D, code, value)
    assert found.record == ", ".join(servers or ())


@pytest.mark.parametrize(
    ("names", "leads_to", "code", "value"),
    [
        ({ADDRESS: (RELAY,)}, {RELAY: (ADDRESS,)}, "reverse_good", ""),
        ({ADDRESS: ("old.shop", RELAY)}, {"old.shop": (), RELAY: (SIX, ADDRESS)}, "reverse_good", ""),
        ({ADDRESS: ()}, {}, "reverse_missing", ADDRESS),
        ({ADDRESS: (RELAY,)}, {RELAY: (SIX,)}, "reverse_other", ADDRESS),
        ({ADDRESS: (RELAY,)}, {RELAY: ()}, "reverse_other", ADDRESS),
        ({ADDRESS: (RELAY,)}, {RELAY: None}, "reverse_unknown", ""),
        ({ADDRESS: (RELAY,)}, {}, "reverse_unknown", ""),
        ({ADDRESS: None}, {}, "reverse_unknown", ""),
        ({}, {}, "reverse_unknown", ""),
    ],
)
def test_a_relays_address_has_a_name_that_leads_back(
    names: dict[str, Said], leads_to: dict[str, Said], code: str, value: str
):
    found = reverse(RELAY, (ADDRESS,), names, leads_to)
    assert (found.what, found.name, found.code, found.value) == ("reverse", RELAY, code, value)
    assert found.record == (RELAY if code == "reverse_other" else "")


def test_each_address_of_a_relay_is_looked_at():
    names: dict[str, Said] = {ADDRESS: (RELAY,), SIX: ()}
    found = reverse(RELAY, (ADDRESS, SIX), names, {RELAY: (ADDRESS,)})
    assert (found.code, found.value) == ("reverse_missing", SIX)
    assert reverse(RELAY, (), names, {}).code == reverse(RELAY, None, names, {}).code == "reverse_unknown"


@pytest.mark.parametrize(
    ("name", "is_reserved"),
    [
        ("localhost", True),
        ("mailpit", True),
        ("shop.example", True),
        ("example.com", True),
        ("www.example.org", True),
        ("nordwind.shop", False),
        ("myexample.com", False),
        ("printer.local", True),
    ],
)
def test_names_for_examples_are_asked_of_nobody(name: str, is_reserved: bool):
    assert reserved(name) is is_reserved


def test_a_relay_is_ones_own_below_ones_own_domain():
    own = Sender("news.nordwind.shop", relay=RELAY)
    assert own.owns_relay(D)
    assert not own.owns_relay("")
    assert Sender(D, relay=RELAY).owns_relay("")
    assert Sender(D, relay=D).owns_relay("")
    assert not Sender(D, relay=f"not-{D}").owns_relay(D)
    assert not Sender(D).owns_relay(D)
    assert not Sender(D).owns_relay("")
    assert Sender(D).envelope == D
    assert Sender(D, returns_to="bounces.shop").envelope == "bounces.shop"
