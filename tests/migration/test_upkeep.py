"""Every table that is written all day says beside itself how PostgreSQL keeps it small."""

from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from tests.migration.schema import SERVICES, migrations_of

SMALL = {
    "cart": {"api_keys", "stores", "store_descriptions", "erasures", "erasure_places", "feed_progress"}
    | {"schema_migrations"},
    "trigger": {
        "campaign_activations",
        "campaign_assets",
        "campaign_files",
        "campaign_versions",
        "partition_progress",
        "fan_outs",
        "stores",
        "erasure_salt",
        "erased_customers",
    }
    | {"schema_migrations"},
    "notifier": {
        "address_salt",
        "profiles_read",
        "stores",
        "campaign_assets",
        "pauses",
        "erasure_salt",
        "erased_customers",
    }
    | {"lifted_suppressions", "template_versions", "coupon_pools", "schema_migrations"},
    "console": {"stores", "counting_rules", "erasure_salt", "erased_customers", "schema_migrations"}
    | {"people", "invitations", "provider_log_ins", "message_prices", "faults", "reading"},
}
"""Tables of a few rows, or written a few times a day: what PostgreSQL does by itself is enough."""

OPTIONS = """
SELECT relname, coalesce(reloptions, '{}') AS options FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@pytest.mark.parametrize("service", SERVICES)
async def test_a_table_that_is_written_all_day_is_vacuumed_by_settings_of_its_own(
    service: str, make_database: Callable[[Path], str]
) -> None:
    connection = await asyncpg.connect(make_database(migrations_of(service)))
    try:
        tables = {row["relname"]: " ".join(row["options"]) for row in await connection.fetch(OPTIONS)}
    finally:
        await connection.close()
    assert SMALL[service] <= set(tables), "a name in the list of small tables has gone"
    busy = {name: options for name, options in tables.items() if name not in SMALL[service]}
    assert [name for name, options in busy.items() if "autovacuum_vacuum" not in options] == []
