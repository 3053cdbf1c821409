"""Which places of a module count as places for a fault."""

import gc
import os
import signal
import sys
from pathlib import Path

import pytest

from services.cart.domain.stock.levels import apply_levels
from tests.support.mutants import __main__ as command
from tests.support.mutants.apart import BROKEN, fork, wait
from tests.support.mutants.faults import faults
from tests.support.mutants.loaded import Loaded, function_of, functions_loaded, place

MODULE = """
@dataclass(frozen=True, slots=True)
class Held:
    until: int = 3

class Asked(Body):
    model_config = like(
        {"quantity": 2}
    )
    again: bool = Field(frozen=True, strict=True)
    names: set[str] = Field(max_length=50, json_schema_extra={"examples": [4]})

@lru_cache(maxsize=1000)
def both(a, b):
    return dict(zip(a, b, strict=True))
"""


def test_what_no_test_can_see_is_no_fault(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(MODULE)
    sown = {(fault.operator, fault.line) for fault in faults([module])}
    assert sown == {("NumberReplacer", 4), ("ReplaceTrueWithFalse", 10), ("NumberReplacer", 11)}
    changed = [fault.source() for fault in faults([module]) if fault.operator == "NumberReplacer" and fault.line == 11]
    assert all("examples" in text and "[4]" in text and "max_length=50" not in text for text in changed)


def test_the_order_of_faults_is_that_of_a_seed(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def sums(a):\n    return a + 1 + 2 + 3 + 4 + 5 + 6 + 7\n")
    found = faults([module])
    assert faults([module]) == found != faults([module], seed=1)
    assert set(faults([module], seed=1)) == set(found)


def test_a_fault_is_told_by_what_it_changes_also_where_it_takes_lines_away(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tests.support.mutants.faults.ROOT", tmp_path)
    module = tmp_path / "module.py"
    module.write_text(
        "def sold_out(left):\n    if not (\n        left\n        > 1\n    ):\n        return True\n    return 2\n"
    )
    told = [str(fault).partition(": ")[2] for fault in faults([module])]
    assert all(before != after for before, _, after in (one.partition("  ->  ") for one in told)), told
    assert "return 2  ->  return 3" in told


FUNCTIONS = """
LIMIT = 1

class Cart:
    most: int = 2

    @lru_cache(3)
    def lines(
        self,
        first: int = 4,
    ):
        return [line for line in self.all if line > 5]

def sums(a):
    def inner(b):
        return b + 6
    return inner(a)
"""


def test_the_function_of_a_fault_is_the_outermost_and_none_where_a_fault_is_met_while_a_module_is_loaded(
    tmp_path: Path,
) -> None:
    module = tmp_path / "module.py"
    module.write_text(FUNCTIONS)
    numbers = [fault for fault in faults([module]) if fault.operator == "NumberReplacer"]
    assert {fault.line: function_of(fault) for fault in numbers} == {2: None, 5: None, 10: None, 12: 7, 16: 14}


def test_how_a_process_ended_is_told_and_a_broken_one_does_not_pass_for_one_that_noticed() -> None:
    def broken() -> int:
        raise RuntimeError

    assert [os.waitstatus_to_exitcode(wait(fork(run, 60))[0]) for run in (lambda: 0, lambda: 1, broken)] == [
        0,
        1,
        BROKEN,
    ]


def test_a_loop_without_end_is_ended() -> None:
    def endless() -> int:
        while True:
            pass

    assert os.waitstatus_to_exitcode(wait(fork(endless, 1))[0]) == -signal.SIGKILL


def test_a_function_that_no_test_calls_is_no_error_and_is_tried_from_nothing() -> None:
    assert Loaded([], 0, 0, lambda *_: None)._run([]) == 0


def test_functions_are_found_whose_objects_are_left_out_of_garbage_collections() -> None:
    gc.freeze()
    assert functions_loaded()[place(apply_levels.__code__)] == [apply_levels]


def test_where_no_pure_module_has_changed_no_test_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mutants", "--since", "HEAD"])
    monkeypatch.setattr(command, "modules", lambda _: [])
    monkeypatch.setattr(command, "Trials", None)
    command.main()
    assert capsys.readouterr().out == "no fault could be sown: no pure module has changed\n"
