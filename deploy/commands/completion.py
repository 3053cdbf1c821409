"""Runs a command's work to its end, or leaves quietly when the person does."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer

T = TypeVar("T")
INTERRUPTED = 130


def complete(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives. An interrupt ends the command with status 130, without a traceback."""
    try:
        return asyncio.run(work)
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(INTERRUPTED) from None
