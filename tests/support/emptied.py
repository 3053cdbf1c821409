"""Databases of one worker that serve test after test: emptied, where nothing but rows has changed."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.support.databases import create_database, drop_database
from tests.support.eventually import eventually

SERVICES = Path(__file__).parents[2] / "services"
"""Whose migrations are the same throughout a run."""
MOST_TESTS = 50
"""So many use one database: each leaves some dead rows in the catalog."""
_ALONE_WITHIN_S = 2.0

_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_CHANGED = """
SELECT coalesce(sum(pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
                    + pg_stat_get_tuples_deleted(c.oid)), 0)
    + (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = d.oid)
    + (SELECT count(*) FROM pg_prepared_xacts WHERE database = d.datname)
    + (d.datconnlimit <> -1)::int
FROM pg_database AS d, pg_class AS c
WHERE d.datname = current_database() AND c.relkind = 'r' AND NOT c.relisshared
    AND (c.relnamespace = 'pg_catalog'::regnamespace OR c.oid = ANY($1::oid[]))
GROUP BY d.oid, d.datname, d.datconnlimit
"""
_FILLED = """
SELECT oid, oid::regclass::text AS name FROM pg_class
WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND (pg_relation_size(oid) > 0 OR reltuples >= 0)
"""
"""Tables that had rows at any time since they were made or emptied, or were looked through."""
_AS_BUILT = """
UPDATE pg_class SET relpages = 1, reltuples = 0 WHERE relkind = 'i' AND reltuples = -1
"""
"""What is known of an index that was built over nothing, and not of one that was emptied; the planner heeds it."""
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL
"""


class Databases:
    """Gives databases with the schema of a folder of migrations, each to one test at a time."""

    def __init__(self, admin_dsn: str) -> None:
        self._admin_dsn = admin_dsn
        self._idle = defaultdict[Path, list[Database]](list)
        self._lent = dict[str, Database]()

    async def make(self, migrations: Path) -> str:
        """The DSN of a database that is as the migrations leave one."""
        if self._idle[migrations]:
            found = self._idle[migrations].pop()
        else:
            dsn = await create_database(self._admin_dsn, migrations)
            if not migrations.is_relative_to(SERVICES):
                return dsn
            session = await asyncpg.connect(dsn)
            found = Database(dsn, migrations, session, [row["oid"] for row in await session.fetch(_FILLED)])
        self._lent[found.dsn] = found
        return found.dsn

    async def give_back(self, dsn: str) -> None:
        """A test has ended. Where another could tell that it was there its database goes."""
        found = self._lent.pop(dsn, None)
        if found is not None and await found.emptied():
            self._idle[found.migrations].append(found)
        else:
            await drop_database(self._admin_dsn, dsn)

    async def close(self) -> None:
        """Removes those that serve nobody."""
        for databases in self._idle.values():
            while databases:
                await drop_database(self._admin_dsn, databases.pop().dsn)


@dataclass
class Database:
    """One of them, with a session of ours: to begin one takes longer than all the rest."""

    dsn: str
    migrations: Path
    session: "asyncpg.Connection[asyncpg.Record]"
    filled: list[int]
    """The tables that the migrations put rows into."""
    served: int = 0

    async def emptied(self) -> bool:
        """Whether it is as new: all rows gone that came, and nothing else was changed by anybody."""
        self.served += 1
        try:
            if self.served < MOST_TESTS and await self._empty():
                return True
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, AssertionError):
            pass  # a test has taken the database away, or somebody is still there
        self.session.terminate()
        return False

    async def _empty(self) -> bool:
        await eventually(self._alone, within_s=_ALONE_WITHIN_S)  # who goes on would go on in the next test's
        if await self.session.fetchval(_CHANGED, self.filled):
            return False
        came = [row["name"] for row in await self.session.fetch(_FILLED) if row["oid"] not in self.filled]
        if came:
            await self.session.execute(f"TRUNCATE {', '.join(came)} RESTART IDENTITY CASCADE")
            await self.session.execute(_AS_BUILT)
        for (name,) in await self.session.fetch(_SEQUENCES):
            await self.session.execute(f"ALTER SEQUENCE {name} RESTART")
        await self.session.execute("SELECT pg_stat_force_next_flush()")
        await self.session.execute("SELECT pg_stat_reset()")
        return True

    async def _alone(self) -> bool:
        return not await self.session.fetchval(_OTHERS)
