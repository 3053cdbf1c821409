"""A folder of small files in which a file that was reported as kept survives a crash of the machine."""

from __future__ import annotations

import os
from pathlib import Path


class DurableFolder:
    """Blocking; called from one worker thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for half_written in path.glob("*.part"):
            half_written.unlink()

    def names(self) -> list[str]:
        """Every complete file, in the order of the names."""
        return sorted(entry.name for entry in self.path.iterdir() if entry.is_file())

    def write_all(self, files: list[tuple[str, bytes]]) -> None:
        """Keeps all of the files or raises `OSError`; a file appears whole or not at all."""
        for name, content in files:
            part = self.path / f"{name}.part"
            with part.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            part.rename(self.path / name)
        self._sync()

    def read(self, name: str) -> bytes:
        """Raises `FileNotFoundError`."""
        return (self.path / name).read_bytes()

    def remove(self, names: list[str]) -> None:
        """Removes what is there of these."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def _sync(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
