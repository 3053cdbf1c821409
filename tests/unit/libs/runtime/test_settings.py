import subprocess
import sys

import pytest
from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import BadSettingsError, ServiceSettings, from_environment

SECRET = "hunter2-and-more"


class Shop(BaseModel):
    key: SecretStr = Field(min_length=32)


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="DEMO_")
    shops: dict[str, Shop]
    token: SecretStr = Field(min_length=32)


@pytest.fixture
def given(monkeypatch):
    def give(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return give


def test_the_environment_gives_the_settings(given):
    given(DEMO_DATABASE_URL="postgresql://h/d", DEMO_TOKEN="t" * 32, DEMO_SHOPS='{"a": {"key": "' + "k" * 32 + '"}}')
    settings = from_environment(Settings)
    assert settings.shops["a"].key.get_secret_value() == "k" * 32


def test_every_fault_is_told_by_the_name_of_its_variable_and_none_by_its_value(given):
    given(DEMO_TOKEN=SECRET, DEMO_SHOPS='{"a": {"key": "' + SECRET + '"}}', DEMO_LOG_LEVEL=SECRET)
    with pytest.raises(BadSettingsError) as caught:
        from_environment(Settings)
    told = str(caught.value)
    assert [line.partition(":")[0] for line in sorted(told.splitlines())] == [
        "DEMO_DATABASE_URL",
        "DEMO_LOG_LEVEL",
        "DEMO_SHOPS / a / key",
        "DEMO_TOKEN",
    ]
    assert SECRET not in told
    assert caught.value.__cause__ is None


def test_a_variable_that_is_not_json_is_named_and_not_shown(given):
    given(DEMO_DATABASE_URL="postgresql://h/d", DEMO_TOKEN="t" * 32, DEMO_SHOPS=SECRET)
    with pytest.raises(BadSettingsError, match=r"^DEMO_SHOPS is not JSON$"):
        from_environment(Settings)


def test_settings_that_are_made_otherwise_do_not_show_what_was_given_either():
    with pytest.raises(ValueError, match="token") as caught:
        Settings.model_validate({"database_url": "x", "shops": {"a": {"key": SECRET}}, "token": SECRET})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("service", ["cart", "trigger", "notifier", "console"])
def test_a_service_that_was_told_too_little_says_what_is_missing_and_ends(service: str):
    environment = {f"{service.upper()}_LOG_LEVEL": SECRET, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", f"services.{service}.main", "migrate"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"{service.upper()}_DATABASE_URL: Field required" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert SECRET not in ended.stderr + ended.stdout
