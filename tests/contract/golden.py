"""The golden files: what stood on the wire once must be readable for ever.

`python -m tests.contract.golden` writes the files of samples that have none yet, and appends their digests to MANIFEST.
It never rewrites a file: a record that was published cannot be taken back.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from libs.contracts.codec import Record, decode, encode
from libs.contracts.events import Event
from tests.contract.samples import SAMPLES

FOLDER = Path(__file__).with_name("golden")
MANIFEST = FOLDER / "MANIFEST"
SOURCE = "/evercart/golden"


def names() -> list[str]:
    """The golden files of events, without their ending."""
    return sorted(path.stem for path in (FOLDER / "events").glob("*.json"))


def path_of(name: str) -> Path:
    """Where a golden file lies."""
    return FOLDER / "events" / f"{name}.json"


def read(name: str) -> Record:
    """The record of a golden file: its value is the file's `value`, compact, in the file's order, in UTF-8."""
    found: dict[str, Any] = json.loads(path_of(name).read_text(encoding="utf-8"))
    return Record(found["topic"], found["key"], compact(found["value"]), found["headers"])


def compact(value: object) -> bytes | None:
    """JSON without blanks; None is a tombstone."""
    return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def pretty(event: Event) -> str:
    """The text of an event's golden file."""
    record = asdict(encode(event, SOURCE))
    record["value"] = None if record["value"] is None else json.loads(record["value"])
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def decoded(record: Record) -> Event:
    """The record as a reader sees it."""
    return decode(record.key, record.headers, record.value)


def manifest() -> dict[str, str]:
    """File name → SHA-256 as it was checked in."""
    lines = MANIFEST.read_text(encoding="utf-8").splitlines() if MANIFEST.exists() else []
    return dict(line.split("  ", 1) for line in lines)


def digest(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Write what is missing."""
    (FOLDER / "events").mkdir(parents=True, exist_ok=True)
    for name, event in SAMPLES.items():
        if not path_of(name).exists():
            path_of(name).write_text(pretty(event), encoding="utf-8")
            print(f"wrote {name}")
    listed = manifest()
    new = {f"{name}.json": digest(path_of(name)) for name in names() if f"{name}.json" not in listed}
    rows = sorted(f"{name}  {sha256}\n" for name, sha256 in (listed | new).items())
    MANIFEST.write_text("".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
