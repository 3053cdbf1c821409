"""A folder of files that are read again when they change."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationInfo, field_validator
from structlog.testing import capture_logs

from libs.files.watched_folder import WatchedFolder
from libs.files.yaml_file import FileFaultError


class Lamp(BaseModel):
    watts: int

    @field_validator("watts")
    @classmethod
    def _bears(cls, watts: int, info: ValidationInfo) -> int:
        if info.context and watts > info.context["most"]:
            raise ValueError("too bright")
        return watts


class Told:
    def __init__(self) -> None:
        self.calls: list[Any] = []

    def broken(self, name: str, error: str, *, kept_old: bool) -> None:
        self.calls.append((name, error, kept_old))

    def mended(self, name: str) -> None:
        self.calls.append(name)

    def taken(self) -> list[Any]:
        calls, self.calls = self.calls, []
        return calls


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def folder(tmp_path: Path, told: Told) -> WatchedFolder[Lamp]:
    write(tmp_path, desk=5)
    write(tmp_path, hall=7)
    return WatchedFolder(tmp_path, Lamp, "[a-z]+", told, "lamps")


def write(path: Path, **lamps: Any) -> None:
    for name, watts in lamps.items():
        (path / f"{name}.yaml").write_text(f"watts: {watts}")


def opened(folder: WatchedFolder[Lamp]) -> WatchedFolder[Lamp]:
    folder.hold(folder.first())
    return folder


def watts(files: dict[str, Lamp] | None) -> dict[str, int] | None:
    return None if files is None else {name: lamp.watts for name, lamp in files.items()}


def test_all_files_are_read_at_first_and_nothing_is_new_after_that(folder: WatchedFolder[Lamp]) -> None:
    assert watts(folder.first()) == {"desk": 5, "hall": 7}
    assert watts(folder.changed()) == {"desk": 5, "hall": 7}, "nobody has said yet that they are in force"
    assert opened(folder).changed() is None


def test_a_changed_file_a_new_one_and_one_that_is_gone_count(
    folder: WatchedFolder[Lamp], told: Told, tmp_path: Path
) -> None:
    opened(folder)
    write(tmp_path, desk=50, attic=11)
    (tmp_path / "hall.yaml").unlink()
    assert watts(folder.changed()) == {"desk": 50, "attic": 11}
    assert sorted(told.taken()) == ["attic", "desk", "hall"]


def test_a_broken_file_is_told_of_once_and_what_it_said_before_holds(
    folder: WatchedFolder[Lamp], told: Told, tmp_path: Path
) -> None:
    opened(folder)
    write(tmp_path, desk="many", attic="none")
    assert folder.changed() is None
    (attic, desk) = told.taken()
    assert (attic[0], attic[2], desk[0], desk[2]) == ("attic", False, "desk", True)
    assert desk[1].startswith("desk.yaml:1: watts:")
    write(tmp_path, hall=70)
    assert watts(folder.changed()) == {"desk": 5, "hall": 70}
    assert told.taken() == ["hall"], "what has not changed is not read again"
    write(tmp_path, desk=8)
    assert watts(folder.changed()) == {"desk": 8, "hall": 70}


def test_what_an_outage_kept_from_being_put_in_force_is_offered_again_and_told_of_once(
    folder: WatchedFolder[Lamp], told: Told, tmp_path: Path
) -> None:
    """Story: the database was away while a campaign file changed, and the file was taken for read."""
    opened(folder)
    write(tmp_path, desk=50, attic="none")
    assert watts(folder.changed()) == {"desk": 50, "hall": 7}
    assert len(told.taken()) == 2
    files = folder.changed()
    assert watts(files) == {"desk": 50, "hall": 7}
    assert told.taken() == []
    folder.hold(files or {})
    assert folder.changed() is None


def test_a_file_that_was_put_back_as_it_was_is_nothing_new(folder: WatchedFolder[Lamp], tmp_path: Path) -> None:
    opened(folder)
    write(tmp_path, desk=50)
    folder.changed()
    write(tmp_path, desk=5)
    assert folder.changed() is None


def test_a_file_that_was_replaced_by_one_of_the_same_size_and_time_is_seen(
    folder: WatchedFolder[Lamp], tmp_path: Path
) -> None:
    opened(folder)
    stamp, other = (tmp_path / "desk.yaml").stat(), tmp_path / "next"
    other.write_text("watts: 6")
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(tmp_path / "desk.yaml")
    assert watts(folder.changed()) == {"desk": 6, "hall": 7}


def test_at_first_every_fault_is_told(folder: WatchedFolder[Lamp], told: Told, tmp_path: Path) -> None:
    write(tmp_path, desk="many", Hall2=3)
    with pytest.raises(FileFaultError) as fault:
        folder.first()
    first, second = str(fault.value).splitlines()
    assert first == "Hall2.yaml:1: file: the name is no store id"
    assert second.startswith("desk.yaml:1: watts:")
    assert told.taken() == []
    with pytest.raises(FileFaultError, match="No such file"):
        WatchedFolder(tmp_path / "nowhere", Lamp, "[a-z]+", told, "lamps").first()


def test_while_the_folder_can_t_be_read_everything_holds_and_that_is_told_once(
    folder: WatchedFolder[Lamp], told: Told, tmp_path: Path
) -> None:
    opened(folder)
    away = tmp_path.with_name("away")
    for _ in range(2):
        tmp_path.rename(away)
        with capture_logs() as logs:
            assert folder.changed() is None
            assert folder.changed() is None
        assert [entry["event"] for entry in logs] == ["lamps.folder_unreadable"]
        away.rename(tmp_path)
        assert folder.changed() is None
    assert told.taken() == []


def test_a_changed_file_is_checked_by_what_is_known_of_it(
    folder: WatchedFolder[Lamp], told: Told, tmp_path: Path
) -> None:
    opened(folder)
    known = {"desk": {"most": 10}}
    write(tmp_path, desk=11, hall=70)
    assert watts(folder.changed(known)) == {"desk": 5, "hall": 70}
    assert [one if isinstance(one, str) else one[0] for one in told.taken()] == ["desk", "hall"]
    write(tmp_path, desk=10)
    assert watts(folder.changed(known)) == {"desk": 10, "hall": 70}


def test_what_does_not_hold_any_more_by_what_is_known_since_is_told_of_and_stays(
    folder: WatchedFolder[Lamp], told: Told, tmp_path: Path
) -> None:
    opened(folder)
    folder.check({"desk": {"most": 4}, "attic": {"most": 1}})
    assert told.taken() == [("desk", "desk.yaml:1: watts: too bright", True), "hall"]
    assert folder.changed() is None
    folder.check({"desk": {"most": 5}})
    assert told.taken() == ["desk", "hall"]
    assert folder.names() == {"desk", "hall"}
    write(tmp_path, attic="none")
    folder.changed()
    told.taken()
    folder.check({})
    assert [(one[0], one[2]) for one in told.taken() if not isinstance(one, str)] == [("attic", False)]


def test_a_file_that_was_refused_by_what_was_known_is_offered_once_it_can_be_used(
    folder: WatchedFolder[Lamp], told: Told, tmp_path: Path
) -> None:
    """Story: a file and what it names came together; it was called mended, and its old content stayed in force."""
    opened(folder)
    write(tmp_path, desk=50)
    assert folder.changed({"desk": {"most": 9}}) is None
    assert told.taken() == [("desk", "desk.yaml:1: watts: too bright", True)]
    folder.check({"desk": {"most": 99}})
    assert told.taken() == ["desk", "hall"]
    found = folder.changed()
    assert found is not None
    assert found["desk"].watts == 50
