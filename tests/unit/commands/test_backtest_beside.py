"""Stories of somebody who tries another version of a campaign: beside the first, by the store's rules, from a pipe."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app

HEADER = "ts_utc_iso,user_id,session_id,event,product_id,price\n"
TRACE = HEADER + (
    "2026-03-01T10:00:00Z,anna,s,cart,tea,2.50\n"
    "2026-03-01T10:00:00Z,bob,s,cart,ring,250\n"
    "2026-03-01T21:30:00Z,carl,s,cart,tea,2.50\n"
    "2026-03-02T03:00:00Z,carl,s,purchase,tea,2.50\n"
    "2026-03-03T12:00:00Z,zoe,s,view,tea,\n"
)
ONE = """\
campaigns:
- name: cart
  kind: abandoned_cart
  steps:
  - {name: nudge, delay: 1h, channel: email, template: t}
  - {name: text, delay: 2h, channel: sms, template: t}
"""
OTHER = """\
campaigns:
- name: cart
  kind: abandoned_cart
  enter: {total: {EUR: 1000}}
  steps:
  - {name: nudge, delay: 1h, channel: email, template: t}
  - {name: last, delay: 24h, channel: email, template: t}
"""
STORE = """\
name: Lantern
time_zone: UTC
currency: EUR
messages: {email_from: a@shop.example, sms_from: "+15005550006", sms_cap_hours: 24, quiet_hours: "22:00-08:00"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"t.csv": TRACE, "one.yaml": ONE, "other.yaml": OTHER, "store.yaml": STORE}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def backtest(folder: Path, *more: str, traffic: str = "t.csv", stdin: bytes | None = None) -> Result:
    named = {"--campaigns": "one.yaml", "--out": "out.jsonl"}
    words = [word for option, name in named.items() for word in (option, str(folder / name))]
    words += ["--traffic", traffic if traffic == "-" else str(folder / traffic)]
    words += [str(folder / word) if "." in word and "=" not in word else word for word in more]
    return CliRunner().invoke(app, ["backtest", *words], input=stdin)


def lines(folder: Path, name: str = "out.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def sent(found: list[dict[str, Any]]) -> set[tuple[object, object]]:
    return {(one["customer_id"], one["name"]) for one in found if one["outcome"] == "would_send"}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_trace_from_a_pipe_is_read_once(folder: Path, pack) -> None:
    assert backtest(folder).exit_code == 0
    from_file = (folder / "out.jsonl").read_text()
    (folder / "out.jsonl").unlink()
    result = backtest(folder, traffic="-", stdin=pack(TRACE.encode()))
    assert (result.exit_code, result.stderr) == (0, "")
    assert (folder / "out.jsonl").read_text() == from_file


def test_a_pipe_that_breaks_off_leaves_the_file_of_before(folder: Path) -> None:
    (folder / "out.jsonl").write_text("of before\n")
    result = backtest(folder, traffic="-", stdin=TRACE.encode() + b"oops\n")
    assert (result.exit_code, result.stderr) == (2, "stdin:7: row: 1 columns instead of 6\n")
    assert [path.name for path in folder.glob("*out*")] == ["out.jsonl"]
    assert (folder / "out.jsonl").read_text() == "of before\n"


def test_two_versions_stand_beside_each_other_with_what_changes_for_whom(folder: Path) -> None:
    result = backtest(
        folder, "--against", "other.yaml", "--changes", "d.jsonl", "--price-of", "email=0.5,sms=2", "--picture", "p.svg"
    )
    assert result.exit_code == 0, result.output
    told = [line.split() for line in result.stdout.splitlines()]
    assert ["people", "3", "1", "-2"] in told
    assert ["cart", "nudge", "(email)", "3", "1", "-2"] in told
    assert ["cart", "text", "(sms)", "3", "0", "-3"] in told
    assert ["cart", "last", "(email)", "0", "1", "+1"] in told
    assert ["cost", "7.50", "1.00", "-6.50"] in told
    assert ["skipped:", "below_minimum", "0", "3", "+3"] in told
    changes = {(one["customer_id"], one["name"]): one for one in lines(folder, "d.jsonl")}
    assert set(changes) == {
        ("anna", "nudge"),
        ("carl", "nudge"),
        ("anna", "text"),
        ("bob", "text"),
        ("carl", "text"),
        ("bob", "last"),
    }
    assert changes["anna", "nudge"]["after"]["reason"] == "below_minimum"
    assert changes["bob", "last"]["before"] is None
    assert "6 messages differ, for 3 people" in result.stdout
    picture = (folder / "p.svg").read_text()
    assert picture.startswith("<svg")
    assert {"one.yaml", "other.yaml"} <= set(picture.replace("<", " ").split())


def test_the_same_version_twice_differs_in_nothing(folder: Path) -> None:
    result = backtest(folder, "--against", "one.yaml", "--changes", "d.jsonl")
    assert (result.exit_code, lines(folder, "d.jsonl")) == (0, [])


def test_by_the_rules_of_a_store_some_wait_and_some_are_left_out(folder: Path) -> None:
    """Carl's messages would come late in the evening: the e-mail is stale by eight, and of the text he has ordered."""
    assert backtest(folder, "--caps", "store.yaml").exit_code == 0
    found = {(one["customer_id"], one["name"]): one for one in lines(folder)}
    assert sent(list(found.values())) == {("anna", "nudge"), ("anna", "text"), ("bob", "nudge"), ("bob", "text")}
    assert [found["carl", name]["reason"] for name in ("nudge", "text")] == ["quiet_hours", "ordered"]
    assert found["anna", "nudge"]["sent_at"] == "2026-03-01T11:00:00Z"


def test_who_waits_through_the_night_is_told_in_the_morning(folder: Path) -> None:
    (folder / "t.csv").write_text(TRACE.replace("carl,s,purchase", "carl,s,view"))
    result = backtest(folder, "--caps", "store.yaml")
    assert result.exit_code == 0
    assert ["sent", "later:", "quiet_hours", "1"] in [line.split() for line in result.stdout.splitlines()]
    (carls,) = [one for one in lines(folder) if (one["customer_id"], one["name"]) == ("carl", "text")]
    assert carls["sent_at"] == "2026-03-02T08:00:00Z"


def test_a_cap_lets_one_message_through(folder: Path) -> None:
    """Anna fills her cart anew at two: the second text within a day is one too many."""
    again = "2026-03-01T14:00:00Z,anna,s,cart,cup,5\n"
    text = TRACE.splitlines(keepends=True)
    (folder / "t.csv").write_text("".join([*text[:3], again, *text[3:]]))
    assert backtest(folder, "--caps", "store.yaml").exit_code == 0
    texts = [(one["outcome"], one["reason"]) for one in lines(folder) if one["customer_id"] == "anna"]
    assert texts.count(("skipped", "frequency_cap")) == 1


def test_a_channel_without_a_sender_sends_nothing(folder: Path) -> None:
    (folder / "store.yaml").write_text('name: Lantern\nmessages: {email_from: "a@shop.example"}\n')
    assert backtest(folder, "--caps", "store.yaml").exit_code == 0
    assert {one["reason"] for one in lines(folder) if one["channel"] == "sms"} == {"no_sender"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--caps", "bad.yaml"], "bad.yaml:1: quiet_hours: "),
        (["--changes", "d.jsonl"], "--changes goes with --against"),
        (["--price-of", "email=free"], "email=0.001,sms=0.07"),
        (["--price-of", "email=-1"], "a price is 0 or more"),
        (["--against", "other.yaml", "--changes", "other.yaml"], "would be written over"),
    ],
)
def test_what_is_asked_wrongly_ends_with_status_2(folder: Path, more: list[str], told: str) -> None:
    (folder / "bad.yaml").write_text("name: Lantern\nmessages: {quiet_hours: late}\n")
    result = backtest(folder, *more)
    assert result.exit_code == 2
    assert told in result.stderr.replace("\n│", "").replace("│ ", "")
    assert not (folder / "out.jsonl").exists()


def test_what_waited_goes_out_before_what_falls_due_later_whenever_the_trace_tells_more(folder: Path) -> None:
    """Anna's text of the night goes out at eight; the one that falls due at half past ten comes too soon after it."""
    rows = [
        "2026-03-01T20:30:00Z,anna,s,cart,tea,2.50",
        "2026-03-02T08:30:00Z,anna,s,cart,cup,5",
        "2026-03-03T12:00:00Z,zoe,s,view,tea,",
    ]
    for more in ((), ("2026-03-02T08:15:00Z,zoe,s,view,tea,",)):
        (folder / "t.csv").write_text(HEADER + "\n".join(sorted((*rows, *more))) + "\n")
        assert backtest(folder, "--caps", "store.yaml").exit_code == 0
        texts = [(one["outcome"], one.get("sent_at"), one["reason"]) for one in lines(folder) if one["name"] == "text"]
        assert texts == [
            ("would_send", "2026-03-02T08:00:00Z", "idle"),
            ("skipped", None, "frequency_cap"),
        ]
