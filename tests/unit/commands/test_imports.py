"""What each call of `evercart` pays before it does anything."""

import subprocess
import sys

LOADED = "import sys, deploy.cli; print(*sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:])))"


def test_the_command_loads_no_service_and_no_framework_of_theirs_until_it_needs_one():
    """Story: a root folder was asked of a module that loads the settings of all services, 0.4 s each time."""
    command = [sys.executable, "-c", LOADED, "services", "pydantic", "fastapi", "structlog", "aiokafka", "asyncpg"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "\n"
