"""The services' own commands take a database to the newest schema, as production calls them."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.folders import ROOT
from deploy.local.services import console_env, notifier_env
from deploy.local.stack import Ports, Stack
from libs.postgres.migrate import waiting


@pytest.mark.parametrize(("service", "env"), [("notifier", notifier_env), ("console", console_env)])
def test_both_steps_are_done(service: str, env, tmp_path: Path, empty_database: str) -> None:
    """Those of the cart and the trigger are run by tests of their processes and of whole stacks."""
    stack = Stack(state=tmp_path, external_kafka="127.0.0.1:1", ports=Ports.settle(Ports()))
    command = [sys.executable, "-m", f"services.{service}.main", "migrate", "migrate-post"]
    told = os.environ | env(stack, lambda _: empty_database)
    done = subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "migration.applying" in done.stdout
    assert asyncio.run(waiting(empty_database, ROOT / "services" / service / "migrations")) == []
