"""What was downloaded is what was pinned."""

import hashlib
from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.errors import LocalStackError
from deploy.local.jars import KAFKA_VERSION, Jar, kafka_class_path, locked_jars


def _lock(monkeypatch: pytest.MonkeyPatch, content: bytes) -> Jar:
    jar = Jar(hashlib.sha256(content).hexdigest(), "org.example", "thing", "1.0")
    monkeypatch.setattr(jars, "locked_jars", lambda: [jar])
    return jar


def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the cache is filled; nothing is to be fetched")

    monkeypatch.setattr(jars, "_fetch", refuse)


def test_the_list_holds_the_broker_and_each_file_once() -> None:
    found = locked_jars()
    assert f"kafka_2.13-{KAFKA_VERSION}.jar" in {jar.name for jar in found}
    assert len({jar.name for jar in found}) == len(found)
    assert all(len(jar.sha256) == 64 for jar in found)
    assert {jar.version for jar in found if jar.group == "org.apache.kafka"} == {KAFKA_VERSION}


def test_a_filled_cache_is_used_without_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = _lock(monkeypatch, b"right")
    _no_network(monkeypatch)
    (tmp_path / jar.name).write_bytes(b"right")
    assert kafka_class_path(folder=tmp_path) == str(tmp_path / jar.name)


def test_a_tampered_jar_in_the_cache_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = _lock(monkeypatch, b"right")
    _no_network(monkeypatch)
    (tmp_path / jar.name).write_bytes(b"wrong")
    with pytest.raises(LocalStackError, match=r"thing-1\.0\.jar is not the file that Evercart was built with"):
        kafka_class_path(folder=tmp_path)


def test_a_tampered_download_is_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = _lock(monkeypatch, b"right")

    class Artifact:
        def resolve(self) -> Path:
            (tmp_path / "download").write_bytes(b"wrong")
            return tmp_path / "download"

    monkeypatch.setattr("jgo.maven._core.Component.artifact", lambda _: Artifact())
    with pytest.raises(LocalStackError, match="delete it and try again"):
        kafka_class_path(folder=tmp_path / "cache")
    assert not (tmp_path / "cache" / jar.name).exists()


def test_an_unreachable_repository_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _lock(monkeypatch, b"right")

    class Artifact:
        cached_path = tmp_path / "partial"

        def resolve(self) -> Path:
            raise OSError("network is unreachable")

    monkeypatch.setattr("jgo.maven._core.Component.artifact", lambda _: Artifact())
    with pytest.raises(LocalStackError, match=r"Could not download thing-1\.0\.jar of Apache Kafka: network"):
        kafka_class_path(folder=tmp_path)


def test_a_broken_off_download_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = _lock(monkeypatch, b"right")

    class Artifact:
        cached_path = tmp_path / "partial"
        attempts = 0

        def resolve(self) -> Path:
            self.attempts += 1
            assert not self.cached_path.exists()
            if self.attempts == 1:
                self.cached_path.write_bytes(b"rig")
                raise ConnectionResetError("the other side hung up")
            self.cached_path.write_bytes(b"right")
            return self.cached_path

    artifact = Artifact()
    monkeypatch.setattr("jgo.maven._core.Component.artifact", lambda _: artifact)
    kafka_class_path(folder=tmp_path / "cache")
    assert (tmp_path / "cache" / jar.name).read_bytes() == b"right"
