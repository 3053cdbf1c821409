"""A place on disk for what does not have to be in memory: it is gone with whoever opened it."""

import sqlite3


def scratch() -> sqlite3.Connection:
    """An empty database in a file without a name, in the folder for temporary files; nothing of it need survive."""
    found = sqlite3.connect("")
    found.execute("PRAGMA journal_mode = OFF")
    found.execute("PRAGMA synchronous = OFF")
    found.execute("PRAGMA cache_size = -2000")  # KiB
    return found
