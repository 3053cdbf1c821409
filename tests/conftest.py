"""Fixtures that every kind of test shares: a real PostgreSQL, a real Kafka, databases and topics of one's own."""

import gc
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import certifi
import pytest
import structlog
from httpx import create_ssl_context
from httpx._transports import default as httpx_transports
from hypothesis import Phase, settings
from structlog.dev import plain_traceback

from deploy.kafka.topics import create_topics, delete_topics
from libs.contracts.topics import TOPICS, Topic
from libs.runtime.process import spare_collections
from tests.support import servers
from tests.support.collecting import shares
from tests.support.databases import run_aside
from tests.support.emptied import Databases
from tests.support.forks import Forks, forks

# no wall-clock time in tests: neighbours of this machine are no fault of the code
settings.register_profile("evercart", deadline=None)
# while one works and while faults are sown: few examples, the same each time, and what fails need not be small
settings.register_profile(
    "quick",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("evercart")

_WAITING = tuple(f"tests/{folder}/" for folder in ("flow", "integration/local", "migration"))
"""Where tests start processes and wait for them."""
_WAITING_TIMEOUT_S = 600
"""For them, in place of the bound of pyproject.toml: whole stacks start there, on machines that may be busy."""
_RUN = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """The run itself, not a worker of xdist, owns the folder of the servers. Tracebacks in logs are plain, as those of
    services: one that shows what all variables hold takes seconds, in which a consumer is taken for dead.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain_traceback),
        ]
    )
    gc.disable()  # to look through what collecting makes, over and over, takes a tenth of its time
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = servers.new_run()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """Tell each worker of xdist where the run keeps its servers."""
    node.workerinput["evercart_run"] = str(node.config.stash[_RUN])
    node.workerinput["evercart_parent"] = os.getpid()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What collecting has left, millions of objects, stays to the end: nobody needs to look through it for garbage. Nor
    often through what tests leave: 400,000 objects, of which most stay, too.
    """
    spare_collections()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have half of the workers begin with the tests that wait longest: left to the end, they would keep all waiting.

    Each worker begins with an equal share of the list, in its order, and takes of the others' what is not begun. The
    stories that share a stack stay with one worker: nine processes start for each that has one of them.
    """
    if not items:
        return
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    waiting = [item for item in items if item.nodeid.startswith(_WAITING)]
    for item in waiting:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(_WAITING_TIMEOUT_S))
    quick = [item for item in items if not item.nodeid.startswith(_WAITING)]
    beginnings = range(0, len(items), -(-len(items) // workers) or 1)[: max(1, workers // 2)]
    for beginning, share in zip(beginnings, shares(waiting, len(beginnings)), strict=True):
        quick[beginning:beginning] = share
    items[:] = quick


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers with the run."""
    run = config.stash.get(_RUN, None)
    if run is not None:
        servers.end_run(run)


def _address(server: str, config: pytest.Config) -> str:
    worker = getattr(config, "workerinput", None)
    if worker is None:
        return servers.address(server, config.stash[_RUN], os.getpid())
    return servers.address(server, Path(worker["evercart_run"]), worker["evercart_parent"])


@pytest.fixture(scope="session", autouse=True)
def _one_ssl_context() -> Iterator[None]:
    """Every HTTP client reads the certificates of all authorities, which takes 30 ms, and tests make thousands."""
    with pytest.MonkeyPatch.context() as patch:
        made = cache(lambda _trusted, *given, **named: create_ssl_context(*given, **named))
        context = partial(_with_what_a_test_trusts, made)
        patch.setattr(httpx_transports, "create_ssl_context", context)
        yield


def _with_what_a_test_trusts(made: Callable[..., Any], *given: Any, **named: Any) -> Any:
    files = (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), certifi.where())
    return made(files, *given, **named)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The superuser's DSN of a real PostgreSQL 18, shared by all workers of this run."""
    return os.environ.get("EVERCART_TEST_POSTGRES") or _address("postgres", pytestconfig)


@pytest.fixture(scope="session")
def _databases(postgres_server: str) -> Iterator[Databases]:
    databases = Databases(postgres_server)
    yield databases
    run_aside(databases.close())


@pytest.fixture
def make_database(_databases: Databases) -> Iterator[Callable[[Path], str]]:
    """`make_database(migrations)` gives the DSN of a database with that schema, as new and for this test alone."""
    made: list[str] = []

    def make(migrations: Path) -> str:
        made.append(run_aside(_databases.make(migrations)))
        return made[-1]

    yield make
    for dsn in made:
        run_aside(_databases.give_back(dsn))


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """The bootstrap address of a real Apache Kafka, shared by all workers of this run."""
    return os.environ.get("EVERCART_TEST_KAFKA") or _address("kafka", pytestconfig)


@pytest.fixture(scope="session", name="forks")
def _forks() -> Iterator[Forks]:
    """Starts processes that have all imported with which they begin; they end with the worker."""
    with forks() as made:
        yield made


@pytest.fixture
def topics() -> Sequence[Topic]:
    """Those that exist for a test. Where all tests need the same few, a fixture of this name gives fewer: to make and
    remove all of them takes the broker a quarter of a second.
    """
    return TOPICS


@pytest.fixture
def topic_prefix(kafka: str, topics: Sequence[Topic]) -> Iterator[str]:
    """A prefix of this test's own, under which its topics exist."""
    prefix = f"t{uuid.uuid4().hex[:12]}."
    run_aside(create_topics(kafka, prefix, topics=topics))
    yield prefix
    run_aside(delete_topics(kafka, prefix, topics))
