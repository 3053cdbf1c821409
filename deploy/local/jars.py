"""Apache Kafka's jars: pinned by a committed list, fetched once into the user's cache, verified at every start."""

import hashlib
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.cache import cache_folder, exclusive
from deploy.local.errors import LocalStackError
from libs.files.scratch_folder import scratch_folder

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION = "4.3.1"
# Kafka's own POM leaves the binding of its logger to the distribution; without it the broker logs nothing.
ENDPOINTS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4")
LOCKED = Path(__file__).with_name("kafka-jars.sha256")
_CONNECTIONS = 6
_ATTEMPTS = 3

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Jar:
    """One jar of the list; `sha256` is lower-case hex."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def name(self) -> str:
        """The file's name in the cache."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def line(self) -> str:
        """The jar as a line of the committed list."""
        return f"{self.sha256}  {self.group}:{self.artifact}:{self.version}"

    @classmethod
    def parse(cls, line: str) -> "Jar":
        """Read one line of the committed list."""
        sha256, coordinate = line.split()
        return cls(sha256, *coordinate.split(":"))


def locked_jars(path: Path = LOCKED) -> list[Jar]:
    """Every jar of the committed list, in class path order."""
    return [Jar.parse(line) for line in path.read_text().splitlines() if line]


def kafka_class_path(progress: Progress | None = None, folder: Path | None = None) -> str:
    """Verify the jars, fetching those that are missing, and give the class path.

    Raises `LocalStackError` if a jar cannot be fetched or is not the one that was locked. With a filled cache there
    is no network access.
    """
    folder = folder or cache_folder() / f"kafka-{KAFKA_VERSION}"
    jars = locked_jars()
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_name(f"{folder.name}.lock")):
        missing = [jar for jar in jars if not (folder / jar.name).exists()]
        if missing:
            _fetch(missing, folder, progress)
        for jar in jars:
            _verify(folder / jar.name, jar)
    return ":".join(str(folder / jar.name) for jar in jars)


def _fetch(jars: list[Jar], folder: Path, progress: Progress | None) -> None:
    """Download beside the cache, verify, and only then move in: an interrupted download leaves nothing wrong."""
    from jgo.constants import MAVEN_CENTRAL_URL  # it takes longer to load than the rest, and most have the jars
    from jgo.maven import MavenContext

    with scratch_folder("fetching-", folder.parent) as scratch:
        context = MavenContext(repo_cache=scratch, remote_repos={"central": MAVEN_CENTRAL_URL}, timeout=60)

        def fetch(jar: Jar) -> None:
            fetched = _download(context, jar)
            _verify(fetched, jar)
            shutil.move(fetched, folder / jar.name)

        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            for done, _ in enumerate(pool.map(fetch, jars), start=1):
                if progress:
                    progress(done, len(jars))


def _download(context: "MavenContext", jar: Jar) -> Path:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            fetched: Path = artifact.resolve()
        except (OSError, RuntimeError) as error:
            if attempt == _ATTEMPTS:
                raise LocalStackError(f"Could not download {jar.name} of Apache Kafka: {error}") from error
            if artifact.cached_path:  # else a broken-off download would be taken for the file
                artifact.cached_path.unlink(missing_ok=True)
        else:
            return fetched
    raise AssertionError("unreachable")


def _verify(path: Path, jar: Jar) -> None:
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != jar.sha256:
        raise LocalStackError(
            f"{path} is not the file that Evercart was built with (its SHA-256 is {actual}, expected {jar.sha256}); "
            "delete it and try again."
        )


def lock() -> None:
    """Resolve `ENDPOINTS` and write the committed list: `python -m deploy.local.jars`, after a change of version."""
    import jgo

    jars: dict[tuple[str, str], Jar] = {}
    # One by one, since together each would manage the other's versions; the first one that names a jar decides.
    for artifact in (artifact for endpoint in ENDPOINTS for artifact in jgo.resolve(endpoint)):
        if (artifact.groupId, artifact.artifactId) not in jars:
            sha256 = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
            jar = Jar(sha256, artifact.groupId, artifact.artifactId, artifact.version)
            jars[artifact.groupId, artifact.artifactId] = jar
    LOCKED.write_text("".join(f"{jar.line}\n" for jar in jars.values()))


if __name__ == "__main__":
    lock()
