"""Where what is ahead of carts is until it is their turn: each piece is written once, read once, and gone."""

from libs.files.scratch import scratch


class OnDisk:
    """Pieces by number; a quarter of a megabyte of them is in memory."""

    def __init__(self) -> None:
        self._kept = scratch()
        self._kept.execute("PRAGMA cache_size = -256")  # KiB
        self._kept.execute("CREATE TABLE pieces (number INTEGER PRIMARY KEY, packed BLOB)")
        self._number = 0

    def put(self, packed: bytes) -> int:
        """Takes a piece; by the number it is found again."""
        self._number += 1
        self._kept.execute("INSERT INTO pieces VALUES (?, ?)", (self._number, packed))
        return self._number

    def take(self, number: int) -> bytes:
        """Gives a piece back, once."""
        (packed,) = self._kept.execute("SELECT packed FROM pieces WHERE number = ?", (number,)).fetchone()
        self._kept.execute("DELETE FROM pieces WHERE number = ?", (number,))
        return bytes(packed)
