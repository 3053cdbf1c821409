"""Which installation a command asks, and with which key."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands.installation import Service, of_urls
from deploy.local.errors import LocalStackError

URLS = ("https://cart.test", "https://trigger.test", "https://notifier.test")


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVERCART_KEY", "EVERCART_TRIGGER_KEY", "EVERCART_NOTIFIER_KEY", "EVERCART_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_key_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVERCART_KEY", "sk_of_all")
    asked = of_urls(*URLS, None)
    assert asked.cart == Service("cart", "https://cart.test", "sk_of_all")
    assert (asked.trigger.url, asked.trigger.key) == ("https://trigger.test", "sk_of_all")
    assert (asked.notifier.url, asked.notifier.key) == ("https://notifier.test", "sk_of_all")
    monkeypatch.setenv("EVERCART_TRIGGER_KEY", "sk_of_the_trigger")
    monkeypatch.setenv("EVERCART_NOTIFIER_KEY", "sk_of_the_notifier")
    file = tmp_path / "key"
    file.write_text(" sk_of_the_file\n")
    asked = of_urls(*URLS, file)
    keys = (asked.cart.key, asked.trigger.key, asked.notifier.key)
    assert keys == ("sk_of_the_file", "sk_of_the_trigger", "sk_of_the_notifier")
    assert "sk_" not in repr(asked)


def test_what_is_missing_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LocalStackError, match="in EVERCART_KEY or in the file of --key-file"):
        of_urls(*URLS, None)
    with pytest.raises(LocalStackError, match="With --url goes --trigger-url"):
        of_urls(URLS[0], None, URLS[2], None)
    with pytest.raises(LocalStackError, match="With --url goes --notifier-url"):
        of_urls(URLS[0], URLS[1], "", None)
    with pytest.raises(LocalStackError, match=r"The key can't be read: .*missing: No such file"):
        of_urls(*URLS, tmp_path / "missing")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(LocalStackError, match="binary is no text"):
        of_urls(*URLS, tmp_path / "binary")
    monkeypatch.setenv("EVERCART_KEY", "sk_a\r\nX-Evil: 1")
    with pytest.raises(LocalStackError, match="the store's secret key"):
        of_urls(*URLS, None)


@pytest.mark.parametrize("command", ["explain", "export", "keys"])
def test_no_command_takes_a_key_where_a_shell_would_keep_it(command: str) -> None:
    options = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
    assert "--url" in options
    assert "--key-file" in options
    assert "--key " not in options


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "--customer", "anna"], "https:// is not an http or https URL"),
        (["explain", "--customer", "anna"], "https:// is not an http or https URL"),
        (["keys", "list", "--store", "shop"], "https:// is not an http or https URL"),
        (["keys", "list"], "Over HTTP keys are those of a store: name it by --store."),
    ],
)
def test_a_url_that_is_none_is_a_sentence(arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVERCART_KEY", "sk_x")
    urls = ["--url", "https://"] + (["--trigger-url", "x", "--notifier-url", "x"] if arguments[0] != "keys" else [])
    done = CliRunner().invoke(app, [*arguments, *urls])
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"evercart: {said}\n")
