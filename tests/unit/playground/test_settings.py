import pytest

from deploy.playground.settings import Settings, SettingsError

GIVEN = {
    "PLAYGROUND_CART_URL": "http://127.0.0.1:8080/",
    "PLAYGROUND_STORE_JWT_KEY": "k",
    "PLAYGROUND_STORE_SECRET_KEY": "sk",
    "PLAYGROUND_STATE_DIR": "/nowhere",
    "PLAYGROUND_TWILIO_ACCOUNT_SID": "AC1",
    "PLAYGROUND_TWILIO_AUTH_TOKEN": "t",
}


def test_the_least_settings_give_a_loopback_playground():
    settings = Settings.from_environment(GIVEN)
    assert (settings.host, settings.store, settings.keep) == ("127.0.0.1", "demo", 2000)
    assert settings.cart_url == settings.cart_backend_url == "http://127.0.0.1:8080"


def test_everything_wrong_is_said_at_once():
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"PLAYGROUND_PORT": "99999", "PLAYGROUND_CART_URL": "ftp://x"})
    assert "PLAYGROUND_PORT must be" in str(caught.value)
    assert "PLAYGROUND_CART_URL must be" in str(caught.value)
    assert "PLAYGROUND_STORE_JWT_KEY is missing" in str(caught.value)
