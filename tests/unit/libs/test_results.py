"""What a statement did is read from its tag in one place."""

import pytest

from libs.postgres.results import rows_affected


@pytest.mark.parametrize(
    ("tag", "rows"),
    [("UPDATE 1", 1), ("DELETE 0", 0), ("INSERT 0 25", 25), ("SELECT 3", 3), ("LOCK TABLE", 0), ("", 0)],
)
def test_the_number_of_rows_is_the_last_word_of_the_tag(tag: str, rows: int) -> None:
    assert rows_affected(tag) == rows
