"""Settings that a test says."""

import pytest

from services.trigger.settings import TriggerSettings
from tests.support.settings import settings_of


def test_what_is_said_counts_and_the_environment_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGGER_SETTLE_SECONDS", "7")
    monkeypatch.setenv("TRIGGER_POLL_SECONDS", "8")
    said = {"mode": "local", "database_url": "postgresql://unused", "settle_seconds": 3}
    settings, usual = settings_of(TriggerSettings, **said), TriggerSettings.model_validate(said)
    assert isinstance(settings, TriggerSettings)
    assert (settings.settle_seconds, usual.settle_seconds) == (3, 3)
    assert (settings.poll_seconds, usual.poll_seconds) == (TriggerSettings.model_fields["poll_seconds"].default, 8)
