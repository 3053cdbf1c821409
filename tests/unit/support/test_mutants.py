"""Which places of a module count as places for a fault."""

from pathlib import Path

from tests.support.mutants import faults

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
