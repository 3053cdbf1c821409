"""Names of goods that were stored before they had one spelling."""

from pathlib import Path

import asyncpg

from libs.contracts.names import BLANK
from libs.postgres.migrate import migrate
from tests.migration.schema import migrations_of

APART, WHOLE = "the\u0301", "th\u00e9"
STORED = """
INSERT INTO inventory (store_id, sku, available, version, updated_at)
VALUES ('shop', $1, 1, 1, '2026-03-01Z'), ('shop', $1 || ' ', 2, 1, '2026-03-02Z'), ('shop', 'tea', 3, 1, now()),
    ('shop', 'tea ', 4, 1, now()), ('other', 'tea ', 5, 1, now()), ('other', '  ', 6, 1, now())
"""
PLACES = """
INSERT INTO inventory_locations (store_id, sku, location, available, version, low, updated_at)
VALUES ('shop', $1, 'Gdan' || U&'\\0301' || 'sk', 1, 1, false, now()), ('shop', 'tea', 'a', 2, 1, false, now()),
    ('shop', 'tea', ' a', 3, 1, false, now()), ('other', 'tea', ' a', 4, 1, false, now())
"""
PRICES = """
INSERT INTO prices (store_id, sku, currency, price, version, updated_at)
VALUES ('shop', $1, 'EUR', 1, 1, now()), ('shop', 'tea', 'EUR', 2, 1, now()), ('shop', 'tea ', 'EUR', 3, 1, now()),
    ('shop', 'tea ', 'PLN', 4, 1, now())
"""


async def test_they_are_spelled_where_nothing_stands_in_the_way(empty_database: str, tmp_path: Path) -> None:
    for path in migrations_of("cart").rglob("*.sql"):
        if path.name < "0053":
            (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    await migrate(empty_database, tmp_path)
    await migrate(empty_database, tmp_path, "post")
    connection = await asyncpg.connect(empty_database)
    try:
        for statement in (STORED, PLACES, PRICES):
            await connection.execute(statement, APART)
        blank = "INSERT INTO inventory (store_id, sku, available, version, updated_at) VALUES ('b', $1, 1, 1, now())"
        await connection.executemany(blank, [(f"{one}tea{number}{one}",) for number, one in enumerate(BLANK)])
        await migrate(empty_database, migrations_of("cart"))
        levels = await connection.fetch("SELECT sku, available FROM inventory WHERE store_id = 'shop'")
        assert {tuple(row) for row in levels} == {(APART, 1), (WHOLE, 2), ("tea", 3), ("tea ", 4)}
        others = await connection.fetch("SELECT sku, available FROM inventory WHERE store_id = 'other'")
        assert {tuple(row) for row in others} == {("tea", 5), ("  ", 6)}
        places = await connection.fetch("SELECT store_id, sku, location, available FROM inventory_locations")
        assert {tuple(row) for row in places} == {
            ("shop", WHOLE, "Gda\u0144sk", 1),
            ("shop", "tea", "a", 2),
            ("shop", "tea", " a", 3),
            ("other", "tea", "a", 4),
        }
        prices = await connection.fetch("SELECT sku, currency, price FROM prices")
        assert {tuple(row) for row in prices} == {
            (WHOLE, "EUR", 1),
            ("tea", "EUR", 2),
            ("tea ", "EUR", 3),
            ("tea", "PLN", 4),
        }
        spelled = await connection.fetch("SELECT sku FROM inventory WHERE store_id = 'b'")
        assert {row["sku"] for row in spelled} == {f"tea{number}" for number in range(len(BLANK))}
    finally:
        await connection.close()
