"""A channel is a module and a line of the registry."""

from typing import get_args

from libs.contracts.channel_rules import KnownChannel
from libs.contracts.events import Handle
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.store import Store
from tests.unit.notifier.making import contact


def test_campaigns_may_name_the_channels_that_there_are() -> None:
    assert set(get_args(KnownChannel)) == set(CHANNELS)


def test_a_channel_that_nothing_names_reaches_by_its_handle_alone() -> None:
    handles = {"pigeon": {"handle": "loft-7", "consent": True}}
    anna = contact(handles={name: Handle.model_validate(one) for name, one in handles.items()})
    assert (anna.address("pigeon"), anna.consents("pigeon")) == ("loft-7", True)
    assert (anna.address("owl"), anna.consents("owl")) == (None, False)
    assert (contact().address("pigeon"), contact().consents("pigeon")) == (None, False)
    refused = contact(handles={"pigeon": Handle(handle="loft-7")})
    assert (refused.address("pigeon"), refused.consents("pigeon")) == ("loft-7", False)


def test_a_store_says_of_it_what_it_says_of_others() -> None:
    said = {"name": "Nordwind", "sms_cap_hours": 24, "channels": {"pigeon": {"sender": "loft"}, "owl": {}}}
    store = Store.model_validate(said)
    assert (store.sender("pigeon"), store.sender("owl"), store.sender("crow")) == ("loft", None, None)
    assert (store.silent("pigeon"), store.silent("owl")) == (None, "no_sender")
    assert store.providers("pigeon") == ("pigeon",)
    assert [store.cap(name).total_seconds() / 3600 for name in ("pigeon", "crow", "sms", "email")] == [24, 24, 24, 0]
    own = {"providers": ["post", "loft"], "cap_hours": 0, "sender": "loft"}
    store = Store.model_validate(said | {"channels": {"pigeon": own}})
    assert store.providers("pigeon") == ("post", "loft")
    assert store.cap("pigeon").total_seconds() == 0
    assert Store.model_validate({"name": "x", "channels": None}).channels == {}
