"""However many processes share the shoppers of a trace, what is told is the same, in the same order."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from deploy.backtest import files, workers
from deploy.backtest.run import Numbered
from deploy.backtest.shard import Counted, Shard, Trial, Written
from deploy.backtest.workers import Sending, Worker, WorkerError, Workers
from deploy.cli import app
from deploy.traffic.trace import Row
from libs.files.yaml_file import parse
from libs.policy.store_rules import StoreRules
from services.trigger.backtest.policy import Held
from services.trigger.domain.campaigns import CampaignFile

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
ONE = """\
timezone: Europe/Warsaw
segments: {buyers: {orders: 1}, again: {abandoned: 2, within: 30d}}
campaigns:
- name: cart
  kind: abandoned_cart
  split: {holdout: 20}
  reenter: {after: 2h}
  continue: {in_stock: any, not_segment: [again]}
  exit_on: [order.placed, {message.clicked: 30m}]
  steps:
  - {name: nudge, delay: 1h, channel: email, template: t}
  - {name: text, delay: 3h, channel: sms, template: t, at: {between: ["09:00", "20:00"]}}
- {name: thanks, kind: post_purchase, steps: [{delay: 2h, channel: email, template: t}]}
- {name: looked, kind: browse, steps: [{delay: 3h, channel: email, template: t}]}
- {name: back, kind: win_back, steps: [{delay: 5h, channel: email, template: t}]}
"""
OTHER = """\
campaigns:
- name: cart
  kind: abandoned_cart
  enter: {total: {EUR: 300}}
  steps:
  - {name: nudge, delay: 1h, channel: email, template: t}
  - {name: text, delay: 150m, channel: sms, template: t}
  - {name: last, delay: 4h, channel: email, template: t}
"""
RULES = StoreRules.described(
    {
        "messages": {
            "email_from": "a@shop.example",
            "sms_from": "+15005550006",
            "email_cap_hours": 2,
            "sms_cap_hours": 5,
            "quiet_hours": "22:00-08:00",
        },
    },
    {},
)
SHOPPERS = [f"shopper-{number}" for number in range(7)]


class InTurn:
    """A shard beside that works in this process: what is sent to it is answered when it is asked."""

    def __init__(self, trial: Trial) -> None:
        self._shard, self._known = Shard(trial), list[Written]()

    def send(self, rows: Sequence[Numbered], until: datetime) -> None:
        self._known.append(self._shard.rows(rows, until))

    def receive(self) -> Written:
        return self._known.pop(0)

    def end(self) -> tuple[Written, Counted]:
        return self._shard.end()


def lines(of: Workers, rows: Sequence[Row], at_once: int) -> tuple[list[str], list[str], Counted]:
    numbered = list(enumerate(rows))
    found = [of.rows(numbered[begin : begin + at_once]) for begin in range(0, len(rows), at_once)]
    rest, counted = of.end()
    told = [*found, *rest]
    decided = [text for one in told for _, text in one.decisions]
    return decided, [text for one in told for _, text in one.differences], counted


@st.composite
def traces(draw) -> list[Row]:
    minutes = sorted(draw(st.lists(st.integers(0, 1_500), min_size=1, max_size=60)))
    events = ["cart", "cart", "cart", "remove", "purchase", "view", "delivered", "cancelled", "level", "price", "click"]
    found = []
    for minute in minutes:
        event = draw(st.sampled_from(events))
        sku, price = (
            "cart" if event == "click" else draw(st.sampled_from(["tea", "jam"])),
            draw(st.sampled_from([100, 250, 400])),
        )
        level = draw(st.integers(0, 2)) if event == "level" else 0
        who = "" if event in ("level", "price") else draw(st.sampled_from(SHOPPERS))
        found.append(Row(T0 + timedelta(minutes=minute), who, event, sku, price, level))
    return found


def trials(*texts: str, rules: StoreRules | None = None) -> Trial:
    held = Held("backtest", rules) if rules is not None else None
    return Trial(tuple(parse(text, "test.yaml", CampaignFile) for text in texts), held)


@pytest.mark.parametrize("rules", [None, RULES])
@settings(deadline=None)
@given(rows=traces(), at_once=st.sampled_from([1, 7, 100]))
def test_any_number_of_shards_tells_the_same_in_the_same_order(rules, rows, at_once) -> None:
    trial = trials(ONE, OTHER, rules=rules)
    alone = lines(Workers(Shard(trial)), rows, 1_000)
    for others in (1, 3):
        assert lines(Workers(Shard(trial), [InTurn(trial) for _ in range(others)]), rows, at_once) == alone


def test_each_shard_has_some_of_the_shoppers_and_each_shopper_has_one() -> None:
    sent: list[set[str]] = []
    trial = trials(OTHER)

    class Noted(InTurn):
        def send(self, rows, until) -> None:
            sent.append({row.customer_id for _, row in rows})
            super().send(rows, until)

    rows = [Row(T0, f"{number}", "cart", "tea", 100) for number in range(400)]
    items = [Row(T0, "", "level", "tea", 0, 3)]
    found = lines(Workers(Shard(trial), [Noted(trial), Noted(trial)]), [*rows, *items], 1_000)
    assert [len(one) > 80 and "" in one for one in sent] == [True, True]
    assert sent[0] & sent[1] == {""}
    assert found == lines(Workers(Shard(trial)), [*rows, *items], 1_000)


def test_no_shard_is_given_looks_that_no_campaign_goes_by() -> None:
    given: list[str] = []

    class Noted(InTurn):
        def send(self, rows, until) -> None:
            given.extend(row.event for _, row in rows)
            super().send(rows, until)

    rows = [Row(T0 + timedelta(minutes=n), f"{n % 40}", ("cart", "view")[n % 2], "tea", 100) for n in range(400)]
    for text, views in ((OTHER, False), (ONE, True)):
        given.clear()
        trial = trials(text)
        found = lines(Workers(Shard(trial), [Noted(trial)]), rows, 30)
        assert ("cart" in given, "view" in given) == (True, views)
        assert found == lines(Workers(Shard(trial)), rows, 1_000)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 8, 64])
def test_all_share_the_shoppers_and_the_first_has_no_more_than_others(number: int) -> None:
    parts = [*workers._parts(number)]
    shares = [parts.count(one) for one in range(number)]
    assert len(parts) == sum(shares) == 64
    assert shares[0] <= min(shares[1:], default=64)
    assert max(shares[1:], default=0) - min(shares[1:], default=0) <= 1


def test_whoever_sends_does_not_wait_for_who_reads() -> None:
    ours, theirs = Pipe()
    sending = Sending(ours)
    pieces = [bytes([number]) * 1_000_000 for number in range(4)]  # far more than a pipe holds
    for piece in pieces:
        sending.put(piece)
    assert [theirs.recv_bytes() for _ in pieces] == pieces
    sending.put(pieces[0])
    theirs.close()
    sending.end()  # nobody will read the last one


TRACE = "ts_utc_iso,user_id,session_id,event,product_id,price\n" + "".join(
    f"2026-03-{1 + number // 200:02}T{number // 10 % 20:02}:{number % 10:02}:00Z,u{number * 7 % 31},s,"
    f"{('cart', 'cart', 'view', 'remove', 'purchase')[number % 5]},p{number % 3},2.50\n"
    for number in range(1_000)
)


def backtest(folder: Path, *more: str, traffic: str = "", stdin: str | None = None):
    words = [
        "--campaigns",
        folder / "one.yaml",
        "--out",
        folder / "out.jsonl",
        "--traffic",
        traffic or folder / "t.csv",
    ]
    return CliRunner().invoke(app, ["backtest", *map(str, words), *more], input=stdin)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    for name, text in {"t.csv": TRACE, "one.yaml": ONE, "other.yaml": OTHER}.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(files, "FEW", 10)
    monkeypatch.setattr(files, "AT_ONCE", 100)
    return tmp_path


def test_two_processes_leave_the_files_that_one_leaves(folder: Path, monkeypatch) -> None:
    begun: list[int] = []
    begin = Worker.__init__

    def beginning(self: Worker, trial: Trial) -> None:
        begun.append(1)
        begin(self, trial)

    monkeypatch.setattr(Worker, "__init__", beginning)
    more = ["--against", str(folder / "other.yaml"), "--changes", str(folder / "changes.jsonl")]
    found = []
    for number in (1, 2):
        done = backtest(folder, *more, "--workers", str(number))
        assert done.exit_code == 0, done.output
        found.append((done.stdout, (folder / "out.jsonl").read_text(), (folder / "changes.jsonl").read_text()))
    assert found[0] == found[1]
    assert found[0][1].count("\n") > 300
    assert begun == [1]
    done = backtest(folder, *more, traffic="-", stdin=TRACE)
    assert (folder / "out.jsonl").read_text() == found[0][1]


def test_a_process_that_dies_ends_the_command_and_leaves_nothing(folder: Path, monkeypatch) -> None:
    send = Worker.send

    def dying(self, rows, until) -> None:
        self._process.kill()
        self._process.wait()
        send(self, rows, until)

    monkeypatch.setattr(Worker, "send", dying)
    done = backtest(folder)
    assert (done.exit_code, done.stderr) == (1, "a process of the backtest has ended too early\n")
    assert not list(folder.glob("*out*"))


def test_a_process_ends_with_who_asked_it() -> None:
    with workers.working(trials(OTHER), 2) as shards:
        (beside,) = shards._beside
        assert isinstance(beside, Worker)
        process = beside._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_few_rows_are_for_one_process_and_so_are_people_who_stand_in_line(folder: Path, monkeypatch) -> None:
    def never(*_: object) -> None:
        raise WorkerError("nobody is needed")

    monkeypatch.setattr(Worker, "__init__", never)
    assert backtest(folder).exit_code == 1
    header, *rows = TRACE.splitlines()
    leveled = [f"{header},level", *(f"{row}," for row in rows), "2026-03-09T00:00:00Z,,,level,p1,,3"]
    (folder / "t.csv").write_text("\n".join(leveled) + "\n")
    assert backtest(folder).exit_code == 1
    (folder / "one.yaml").write_text(ONE + "- {name: low, kind: low_stock, steps: [{channel: sms, template: t}]}\n")
    assert backtest(folder).exit_code == 0
    monkeypatch.setattr(files, "FEW", 2_000)
    (folder / "one.yaml").write_text(ONE)
    assert backtest(folder).exit_code == 0
