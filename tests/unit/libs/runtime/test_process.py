"""A process with several roles ends in order, and says by its status how it went."""

import os
import signal
import subprocess
import sys

PROGRAM = """
import asyncio, gc, sys
from libs.runtime.process import run, shorten_collections

async def steady():
    print("up", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaned", flush=True)

async def fails():
    raise ValueError("broken")

async def ends():
    return

async def collects():
    print(gc.get_freeze_count() > 10_000, gc.get_threshold()[0] > 10_000, flush=True)
    shorten_collections()
    print(1_000 < gc.get_threshold()[0] < 10_000, flush=True)

run(*(globals()[name]() for name in sys.argv[1:]))
"""


def start(*roles):
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *roles], stdout=subprocess.PIPE, text=True)


def test_a_signal_ends_every_role_and_the_status_is_0():
    process = start("steady", "steady")
    assert process.stdout.readline() == "up\n"
    os.kill(process.pid, signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert out.count("cleaned") == 2
    assert process.returncode == 0


def test_a_failing_role_ends_the_others_and_the_status_is_1():
    process = start("steady", "fails")
    out, _ = process.communicate(timeout=30)
    assert "cleaned" in out
    assert process.returncode == 1


def test_when_every_role_has_ended_so_has_the_process():
    process = start("ends", "ends")
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_collections_come_seldom_and_pass_over_what_was_there_at_the_start_and_are_short_where_people_are_answered():
    out, _ = start("collects").communicate(timeout=30)
    assert out == "True True\nTrue\n"
