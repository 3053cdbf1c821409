"""Which window leads, and what the others know of it, in whichever order locks, messages and answers arrive."""

import json
import subprocess
from pathlib import Path

import pytest

from services.cart.api.routes.sdk import FOLDER
from tests.integration.sdk.test_package import NODE

SCRIPT = Path(__file__).with_name("windows.mjs")
ORDERS = 100
SETTLED = {"leads": 1, "streams": 1, "live": [True, True], "waits": 0}


@pytest.mark.skipif(not NODE, reason="no node on the PATH")
@pytest.mark.parametrize("scene", ["closed", "asleep"])
def test_one_window_leads_with_one_stream_and_all_know_of_it(scene: str):
    """After the one that led was closed, also where the lead goes to one that the browser has put to sleep.

    A window took the lead, and its stream was open before the last word of the one that led had come: it was taken for
    not live from then on. A stream that was ended while the page still looked for its token was opened all the same.
    """
    command = [NODE, str(SCRIPT), FOLDER.as_uri(), scene, str(ORDERS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [(json.loads(end), times) for end, times in json.loads(done.stdout).items()] == [(SETTLED, ORDERS)]
