"""The schema of a database as text: what pg_dump says, without what changes from run to run.

`python -m tests.migration.schema` writes the schemas of all services anew from their migrations, on its own server.
"""

import os
import re
import subprocess
from pathlib import Path

from deploy.local.postgres import _binaries
from deploy.local.unprivileged import server_identity
from tests.support import servers
from tests.support.databases import create_database, run_aside

ROOT = Path(__file__).resolve().parents[2]
SERVICES = tuple(sorted(folder.parent.name for folder in (ROOT / "services").glob("*/migrations")))
"""Every service that keeps a database."""

_NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n", re.MULTILINE)


def migrations_of(service: str) -> Path:
    """The folder of a service's migrations."""
    return ROOT / "services" / service / "migrations"


def schema_file(service: str) -> Path:
    """The schema that a service's migrations add up to, as it was reviewed."""
    return Path(__file__).with_name("schemas") / f"{service}.sql"


def dump_schema(dsn: str) -> str:
    """The schema of a database: no owners, no session settings, not the table in which migrations are noted."""
    program = _binaries(server_identity()) / "pg_dump"
    options = ("--schema-only", "--no-owner", "--no-privileges", "--exclude-table=public.schema_migrations")
    done = subprocess.run([program, *options, dsn], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pg_dump failed: {done.stderr}")
    return re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", done.stdout)).strip() + "\n"


def main() -> None:
    """Write the schema of every service."""
    run = servers.new_run()
    try:
        admin_dsn = servers.address("postgres", run, os.getpid())
        for service in SERVICES:
            dsn = run_aside(create_database(admin_dsn, migrations_of(service)))
            schema_file(service).write_text(dump_schema(dsn), encoding="utf-8")
            print(f"wrote {schema_file(service).relative_to(ROOT)}")
    finally:
        servers.end_run(run)


if __name__ == "__main__":
    main()
