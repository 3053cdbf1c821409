"""What the notifier can be told, and what it makes of it."""

from unittest.mock import Mock

import pytest
from pydantic import ValidationError

from libs.policy.laws import Laws
from services.cart.domain.store_messages import StoreMessages
from services.notifier.domain.store import Store
from services.notifier.settings import NotifierSettings
from tests.unit.notifier.making import store


def settings(**known) -> NotifierSettings:
    values = {
        "database_url": "postgresql://x",
        "cart_url": "http://cart",
        "cart_key": "sk_x",
        "public_url": "https://n.example",
        "link_secret": "s" * 32,
    }
    return NotifierSettings(**(values | known))


def of(made: NotifierSettings, **messages) -> Store:
    return Store.described({"name": "Nordwind", "messages": messages}, made.rules)


def test_caps_and_quiet_hours_are_on_in_production_and_off_locally():
    live, local = of(settings()), of(settings(mode="local"))
    assert (live.email_cap_hours, live.sms_cap_hours, live.quiet_hours) == (16, 24, "21:00-09:00")
    assert (local.email_cap_hours, local.sms_cap_hours, local.quiet_hours) == (0, 0, "")


def test_what_a_store_has_set_is_left_alone():
    shop = of(settings(), sms_cap_hours=0, quiet_hours="")
    assert shop.quiet is None
    assert not shop.cap("sms")
    assert shop.cap("email")


@pytest.mark.parametrize(
    "wrong",
    [
        {"email_from": "x\r\nBcc: y@z"},
        {"name": "a\nb"},
        {"quiet_hours": "25:00-09:00"},
        {"time_zone": "Mars"},
        {"sms_from": "far too long a name"},
        {"accent": "red"},
        {"templates": "../../etc"},
    ],
)
def test_a_description_that_can_not_be_used_is_refused(wrong):
    with pytest.raises(ValidationError):
        Store.described({**store().model_dump(exclude_unset=True), **wrong}, {})


def test_secrets_have_no_default_and_are_not_shown():
    with pytest.raises(ValidationError):
        settings(link_secret="short")
    shown = repr(settings())
    assert "sssss" not in shown
    assert "sk_x" not in shown


def test_the_key_to_the_cart_opens_no_door_of_the_notifier():
    assert settings(keys={"demo": "sk_y", "*": "sk_z"}).keys.keys() == {"demo", "*"}
    for wrong in ({"demo": "sk_y", "nord": "sk_x"}, {"*": "sk_x"}):
        with pytest.raises(ValidationError, match="cart_key, which is for the cart service alone") as refused:
            settings(keys=wrong)
        assert "sk_" not in str(refused.value.errors()[0]["msg"])


def test_links_in_messages_are_secure_in_production():
    with pytest.raises(ValidationError, match="https"):
        settings(public_url="http://n.example")
    assert settings(mode="local", public_url="http://127.0.0.1:1").public_url == "http://127.0.0.1:1"


def test_quiet_hours_that_start_when_they_end_are_refused_by_both_services():
    for described in (StoreMessages, lambda **messages: of(settings(), **messages)):
        with pytest.raises(ValidationError, match="none, or all day"):
            described(quiet_hours="09:00-09:00")


def test_the_laws_on_texts_are_kept_unless_somebody_says_otherwise(tmp_path):
    """Locally they are not: a demonstration at night has to work."""
    assert settings().read_laws() is not None
    assert settings(laws="off").read_laws() is None
    assert settings(mode="local").read_laws() is None
    assert settings(mode="local", laws="shipped").read_laws() is not None
    own = tmp_path / "laws.toml"
    own.write_text("reviewed = 2026-12-01")
    assert settings(laws=str(own)).read_laws() is not None


def test_a_file_of_laws_is_read_once_at_a_start(tmp_path, monkeypatch):
    own, read = tmp_path / "laws.toml", Mock(wraps=Laws.read)
    own.write_text("reviewed = 2026-12-01")
    monkeypatch.setattr(Laws, "read", read)
    started = settings(laws=str(own))
    assert started.read_laws() is started.read_laws() is not None
    read.assert_called_once_with(own)


def test_a_file_of_laws_that_can_not_be_read_is_told_at_the_start(tmp_path):
    with pytest.raises(ValidationError, match="No such file"):
        settings(laws=str(tmp_path / "none.toml"))
