"""The stack's log file."""

import io
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from deploy.local import output
from deploy.local.output import Log, coloured, in_lines, recorded


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


def test_a_full_disk_costs_lines_and_says_how_many(tmp_path: Path) -> None:
    """Story: the disk was full for a minute, and nothing was ever logged, restarted or ended in order again."""
    log = Log(tmp_path)
    log.line("kafka", "before")
    kept = tmp_path / "kept"
    (tmp_path / output.FILE).rename(kept)
    (tmp_path / output.FILE).symlink_to("/dev/full")
    log = Log(tmp_path)
    for number in range(3):
        log.line("kafka", str(number))
    (tmp_path / output.FILE).unlink()
    kept.rename(tmp_path / output.FILE)
    log.line("kafka", "after")
    assert list(recorded(tmp_path, None, 9)) == [
        ("kafka", "before"),
        ("evercart", "3 lines were lost here, for the disk took none"),
        ("kafka", "after"),
    ]


class Narrow(io.BytesIO):
    """A file on a disk with room for `room` bytes."""

    room = 30

    def write(self, data: Any) -> int:
        taken: int = super().write(data[: self.room])
        self.room -= taken
        return taken


def test_half_a_line_is_not_glued_to_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, narrow = Log(tmp_path), Narrow()
    monkeypatch.setattr(Path, "open", lambda *_, **__: narrow)
    log.line("kafka", "a line that does not fit")
    log.line("kafka", "nor does this")
    narrow.room = 1000
    log.line("kafka", "but this")
    assert narrow.getvalue().decode().splitlines() == [
        "kafka            | a line that does not fit"[:30],
        "evercart         | 2 lines were lost here, for the disk took none",
        "kafka            | but this",
    ]


def test_who_looks_no_more_does_not_stop_the_log(tmp_path: Path) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    log = Log(tmp_path, Gone())
    log.line("kafka", "one")
    log.line("kafka", "two")
    assert [text for _, text in recorded(tmp_path, None, 9)] == ["one", "two"]


def test_a_traceback_in_json_is_shown_as_lines() -> None:
    """Story: `logs` showed a screen of one line, with \\n between the frames."""
    told = '{"event": "role.failed", "exception": "Traceback:\\n  File \\"a.py\\"\\nValueError: é"}'
    assert in_lines(told) == ['{"event": "role.failed"}', "Traceback:", '  File "a.py"', "ValueError: é"]
    for plain in ("no JSON", "{no JSON", "[1]", '{"event": "fine"}', '{"exception": 3}'):
        assert in_lines(plain) == [plain]
