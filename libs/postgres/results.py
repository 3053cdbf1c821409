"""What a statement did, from the tag that PostgreSQL ends it with."""


def rows_affected(tag: str) -> int:
    """How many rows a statement wrote or removed: 3 for `UPDATE 3`, `DELETE 3` and `INSERT 0 3`; 0 for other tags."""
    count = tag.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
