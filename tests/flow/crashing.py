"""Runs a service until it reaches a line, and dies there as if the power had gone.

python -m tests.flow.crashing before|after MODULE:ATTRIBUTE[.METHOD] NTH -- SERVICE_MODULE ARGUMENT...

The process exits at once (no `finally`, no `atexit`, no flush) when the named function is called (`before`) or has
returned (`after`) for the NTH time. Production code knows nothing of it.
"""

import functools
import importlib
import inspect
import itertools
import os
import runpy
import sys

DIED = 137


def _die() -> None:
    os.write(2, b"crashed where it was told to\n")
    os._exit(DIED)


def arm(when: str, place: str, nth: int) -> None:
    """Replaces the function at `place` by one that dies at its nth call."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    original, calls = getattr(owner, name), itertools.count(1)

    @functools.wraps(original)
    async def dies(*args, **kwargs):
        number = next(calls)
        if when == "before" and number == nth:
            _die()
        answer = await original(*args, **kwargs)
        if when == "after" and number == nth:
            _die()
        return answer

    assert inspect.iscoroutinefunction(original), f"{place} is not a coroutine function"
    setattr(owner, name, dies)


if __name__ == "__main__":
    when, place, nth, separator, target, *rest = sys.argv[1:]
    assert when in ("before", "after")
    assert separator == "--"
    arm(when, place, int(nth))
    sys.argv = [target, *rest]
    runpy.run_module(target, run_name="__main__", alter_sys=True)
