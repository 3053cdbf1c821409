"""What is sent as the text of an array comes back as it was, whatever a shop calls its goods."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.postgres.pool import Pool
from services.trigger.db.columns import array

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ODD = st.sampled_from(["null", "NULL", "", "{}", '"', "\\", "a,b", "\r\n", "\x1f"])
SAME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


async def read(pool: Pool, values: list[object], sql: str) -> list[object]:
    """The elements as PostgreSQL reads them."""
    return [row[0] for row in await pool.fetch(sql, array(values))]


@SAME
@given(values=st.lists(st.none() | WORDS | ODD))
async def test_words(pool: Pool, values: list[object]) -> None:
    found = await read(pool, values, "SELECT x FROM unnest($1::text::text[]) WITH ORDINALITY AS t(x, n) ORDER BY n")
    assert found == values


@SAME
@given(values=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
async def test_numbers(pool: Pool, values: list[object]) -> None:
    found = await read(pool, values, "SELECT x FROM unnest($1::text::bigint[]) WITH ORDINALITY AS t(x, n) ORDER BY n")
    assert found == values


@SAME
@given(values=st.lists(st.none() | st.booleans()))
async def test_truths(pool: Pool, values: list[object]) -> None:
    found = await read(pool, values, "SELECT x FROM unnest($1::text::boolean[]) WITH ORDINALITY AS t(x, n) ORDER BY n")
    assert found == values
