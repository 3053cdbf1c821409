"""Kafka's classes are kept for one user, once, and only by who may be trusted."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local.class_archive import archive_options

FLAGS = ("-Xmx256m",)


@pytest.fixture
def class_path(tmp_path: Path) -> str:
    jars = [tmp_path / "a.jar", tmp_path / "b.jar"]
    for jar in jars:
        jar.write_bytes(b"classes")
    return ":".join(map(str, jars))


class Training:
    """Writes what it is told to, and keeps count."""

    def __init__(self, content: bytes | None = b"archive") -> None:
        self.times, self._content = 0, content

    def __call__(self, folder: Path, made: Path) -> None:
        self.times += 1
        assert not list(folder.iterdir())
        if self._content is not None:
            made.write_bytes(self._content)


def archive_in(options: tuple[str, ...]) -> Path:
    return Path(options[0].removeprefix("-XX:AOTCache="))


def test_the_archive_is_made_once_and_read_from_then_on(class_path: str) -> None:
    training = Training()
    first, second = (archive_options(class_path, FLAGS, training) for _ in range(2))
    assert first == second
    assert training.times == 1
    archive = archive_in(first)
    assert archive.read_bytes() == b"archive"
    assert archive.parent.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in archive.parent.iterdir()} == {"lock", archive.name}


def test_of_two_starts_at_once_one_makes_it_and_the_other_waits(class_path: str) -> None:
    training = Training()
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: archive_options(class_path, FLAGS, training), range(2))
    assert first == second
    assert training.times == 1


def test_another_jar_or_flag_has_another_archive(class_path: str, tmp_path: Path) -> None:
    first = archive_options(class_path, FLAGS, Training())
    other = archive_options(class_path, ("-Xmx512m",), Training())
    (tmp_path / "b.jar").unlink()
    (tmp_path / "b.jar").write_bytes(b"others")
    assert len({first, other, archive_options(class_path, FLAGS, Training())}) == 3


@pytest.mark.parametrize("content", [b"archivE", b"arch", b""])
def test_one_that_is_not_as_it_was_made_is_made_anew(class_path: str, content: bytes) -> None:
    archive = archive_in(archive_options(class_path, FLAGS, Training()))
    archive.write_bytes(content)
    training = Training(b"another")
    again = archive_in(archive_options(class_path, FLAGS, training))
    assert training.times == 1
    assert again.read_bytes() == b"another"
    assert not archive.exists()


def test_where_none_can_be_made_brokers_start_without_and_nobody_tries_again(class_path: str) -> None:
    training = Training(content=None)
    assert [archive_options(class_path, FLAGS, training) for _ in range(2)] == [(), ()]
    assert training.times == 1


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_what_others_could_have_written_is_neither_read_nor_made(class_path: str, tmp_path: Path, mode: int) -> None:
    archive_options(class_path, FLAGS, Training())
    (tmp_path / "classes").chmod(mode)
    training = Training()
    assert archive_options(class_path, FLAGS, training) == ()
    assert archive_options(class_path, ("-Xmx512m",), training) == ()
    assert training.times == 0
