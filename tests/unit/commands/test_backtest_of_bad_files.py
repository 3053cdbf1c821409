"""Story: somebody tries the backtest with files as spreadsheets, mail and broken copies leave them. Each ends with
status 2 and `file:line: field: what`, or is simply read; never with a traceback, and never with nothing.
"""

import gzip
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app

HEADER = "ts_utc_iso,user_id,session_id,event,product_id,price\n"
ROW = "2026-03-01T10:00:00Z,1,s,cart,tea,2.50\n"
LATER = "2026-03-01T12:00:00Z,1,s,view,tea,\n"
GOOD = HEADER + ROW + LATER
CAMPAIGNS = """\
campaigns:
  - name: abandoned_cart
    kind: abandoned_cart
    steps: [{delay: 1h, channel: email, template: abandoned_cart}]
"""


def backtest(folder: Path, trace: bytes, campaigns: bytes = CAMPAIGNS.encode(), out: str = "out.jsonl") -> Result:
    (folder / "trace.csv").write_bytes(trace)
    (folder / "shop.yaml").write_bytes(campaigns)
    files = {"--traffic": "trace.csv", "--campaigns": "shop.yaml", "--out": out}
    arguments = [word for option, name in files.items() for word in (option, str(folder / name))]
    return CliRunner().invoke(app, ["backtest", *arguments])


def row(number: int, *, of: str = ROW, old: str = "", new: str = "") -> bytes:
    """A good trace whose row of that number is another."""
    lines = [HEADER, ROW, LATER]
    lines[number - 1] = of.replace(old, new)
    return "".join(lines).encode()


ZIPPED = gzip.compress((HEADER + ROW * 5000).encode())
BAD_TRACES = {
    "unordered": (row(2, old="10:00", new="13:00"), r"trace\.csv:3: ts_utc_iso: earlier than the row before it"),
    "bad last row": (GOOD.encode() + b"oops\n", r"trace\.csv:4: row: 1 columns instead of 6"),
    "truncated gzip": (ZIPPED[:-40], r"trace\.csv:\d+: file: the gzip ends in the middle"),
    "gzip without its end": (ZIPPED[:20], r"trace\.csv:1: file: the gzip ends in the middle"),
    "corrupt gzip": (ZIPPED[:60] + b"\xff" * 20 + ZIPPED[80:], r"trace\.csv:\d+: file: the gzip is damaged"),
    "wrong checksum": (ZIPPED[:-8] + b"\0\0\0\0" + ZIPPED[-4:], r"trace\.csv:\d+: file: the gzip is damaged"),
    "UTF-16": (GOOD.encode("utf-16"), r"trace\.csv:1: file: is UTF-16, not UTF-8"),
    "Latin-1": (row(3, of=LATER, old="tea", new="thé").replace("é".encode(), b"\xe9"), r"trace\.csv:3: row: is not"),
    "giant field": (row(3, of=LATER, old="tea", new="t" * 131_073), r"trace\.csv:3: row: field larger than"),
    "giant line": (row(3, of=LATER, old="tea", new="t" * 2_000_000), r"trace\.csv:3: row: longer than 1,000,000"),
    "giant price": (row(2, old="2.50", new="1e999999999"), r"trace\.csv:2: price: '1e999999999' is no price"),
    "giant negative": (row(2, old="2.50", new="-1e999999999"), r"trace\.csv:2: price: '-1e999999999' is no price"),
    "dear": (row(2, old="2.50", new="1e11"), r"trace\.csv:2: price: '1e11' is no price"),
    "year 9999": (row(3, of=LATER, old="2026", new="9999"), r"trace\.csv:3: ts_utc_iso: .* is not within the years"),
    "year 1": (row(2, old="2026-03-01T10:00:00Z", new="0001-01-01T00:00:00+14:00"), r"trace\.csv:2: ts_utc_iso: "),
    "no header": (ROW.encode(), r"trace\.csv:1: header: the first line is not "),
    "empty": (b"", r"trace\.csv:1: header: the first line is not "),
    "open quote": (row(3, of=LATER, old="tea", new='"tea'), r"trace\.csv:3: row: unexpected end of data"),
    "a shopper nobody": (row(2, old=",1,", new=", ,"), r"trace\.csv:2: user_id: is missing"),
}


@pytest.mark.parametrize(("trace", "told"), BAD_TRACES.values(), ids=BAD_TRACES)
def test_a_bad_trace_ends_with_status_2_and_says_where(tmp_path: Path, trace: bytes, told: str) -> None:
    result = backtest(tmp_path, trace)
    assert result.exit_code == 2
    assert re.match(told, result.stderr)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_replay_of_a_bad_trace_ends_so_too(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_bytes(GOOD.encode() + b"oops\n")
    result = CliRunner().invoke(app, ["replay", "--traffic", str(tmp_path / "trace.csv"), "--state", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (2, "trace.csv:4: row: 1 columns instead of 6\n")


BAD_CAMPAIGNS = {
    "deep nesting": (b"campaigns: " + b"[" * 100_000, r"shop\.yaml:1: text: nested more than 20 levels deep"),
    "odd tag": (b"campaigns:\n  - !!int ''", r"shop\.yaml:2: text: tags are not supported"),
    "odd tag of Python": (b"campaigns: !!python/name:os.system x", r"shop\.yaml:1: text: tags are not supported"),
    "a date of month 99": (b"campaigns:\n\n  2026-99-99", r"shop\.yaml:3: text: a value that can't be read"),
    "a number of 5,000 digits": (b"campaigns: " + b"9" * 5_000, r"shop\.yaml:1: text: a value that can't be read"),
    "UTF-16": (CAMPAIGNS.encode("utf-16"), r"shop\.yaml:1: file: is UTF-16, not UTF-8"),
    "Latin-1": (CAMPAIGNS.encode() + b"# \xe9", r"shop\.yaml:5: text: is not UTF-8"),
    "NUL": (CAMPAIGNS.encode() + b"\0", r"shop\.yaml:5: text: holds a character"),
    "large": (b"#" * 1_000_001, r"shop\.yaml:1: file: larger than"),
    "twice": (
        CAMPAIGNS.encode() + CAMPAIGNS.encode()[11:],
        r"shop\.yaml:5: campaigns\.2\.name: two campaigns are named",
    ),
    "empty": (b"", r"shop\.yaml:1: file: is empty"),
    "no mapping": (b"[]", r"shop\.yaml:1: file: Input should be"),
}


@pytest.mark.parametrize(("campaigns", "told"), BAD_CAMPAIGNS.values(), ids=BAD_CAMPAIGNS)
def test_a_bad_campaign_file_ends_with_status_2_and_says_where(tmp_path: Path, campaigns: bytes, told: str) -> None:
    result = backtest(tmp_path, GOOD.encode(), campaigns)
    assert result.exit_code == 2
    assert re.match(told, result.stderr)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"  \n", b" \t\r\n", b"\n\n", b"\n  \n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_mark_line_ends_and_blanks_are_simply_read(tmp_path: Path, mark: bytes, end: bytes, pack) -> None:
    result = backtest(tmp_path, pack(mark + GOOD.encode().replace(b"\n", end)), mark + CAMPAIGNS.encode())
    assert (result.exit_code, result.stderr) == (0, "")
    assert '"would_send"' in (tmp_path / "out.jsonl").read_text()


def test_what_was_read_is_not_written_over(tmp_path: Path) -> None:
    result = backtest(tmp_path, GOOD.encode(), out="trace.csv")
    assert result.exit_code == 2
    assert (tmp_path / "trace.csv").read_text() == GOOD


def test_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    result = backtest(tmp_path, GOOD.encode(), out="nowhere/out.jsonl")
    assert (result.exit_code, result.stderr) == (2, "out.jsonl:1: file: No such file or directory\n")
