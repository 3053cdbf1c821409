"""The stack's log file."""

import io
from itertools import islice
from pathlib import Path

import pytest

from deploy.local import output
from deploy.local.output import Log, coloured, recorded


def test_the_newest_lines_of_one_process_are_shown_oldest_first(tmp_path: Path) -> None:
    log = Log(tmp_path)
    for number in range(3):
        log.line("cart-api", f"request {number}")
        log.line("kafka", "nothing | new")
    assert list(recorded(tmp_path, "cart-api", 2)) == [("cart-api", "request 1"), ("cart-api", "request 2")]
    assert list(recorded(tmp_path, None, 1)) == [("kafka", "nothing | new")]
    assert list(recorded(tmp_path, "cart", 9)) == []


def test_the_file_is_bounded_and_nothing_of_the_last_turn_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "KEPT_BYTES", 400)
    log = Log(tmp_path)
    for number in range(100):
        log.line("trigger", str(number))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1000
    assert list(recorded(tmp_path, None, 12))[-1] == ("trigger", "99")
    shown = [int(text) for _, text in recorded(tmp_path, None, 12)]
    assert shown == list(range(88, 100))


def test_following_goes_on_after_the_file_was_turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_POLL_S", 0)
    log = Log(tmp_path)
    log.line("notifier", "before")
    following = recorded(tmp_path, None, 10, follow=True)
    assert next(following) == ("notifier", "before")
    monkeypatch.setattr(output, "KEPT_BYTES", 10)
    log.line("notifier", "turns the file")
    monkeypatch.setattr(output, "KEPT_BYTES", 10_000)
    log.line("notifier", "after")
    assert [text for _, text in islice(following, 2)] == ["turns the file", "after"]


def test_colour_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033[" in coloured("kafka", "text", Terminal())
    assert coloured("kafka", "text", io.StringIO()) == "kafka            | text"
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in coloured("kafka", "text", Terminal())
