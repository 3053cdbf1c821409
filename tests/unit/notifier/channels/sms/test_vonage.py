"""What Vonage's answer means."""

import pytest

from services.notifier.channels.http_api import Answer
from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear
from services.notifier.channels.sms.vonage import judged


def of(status: int, code: object, **more: object) -> Answer:
    return Answer(status, {"type": f"https://developer.vonage.com/api-errors/messages-olympus#{code}", **more})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(202, {"message_uuid": "v1"}), Accepted("v1")),
        (of(422, 1050), Refused("vonage_1050", suppress="stop")),
        (of(429, 1000), Postponed("vonage_1000")),
        (of(422, 1100), Postponed("vonage_1100")),
        (of(402, 1070), Postponed("vonage_1070", ours=True)),
        (of(422, 1120), Postponed("vonage_1120", ours=True)),
        (of(422, 1040), Refused("vonage_1040")),
        (of(422, 1020, invalid_parameters=[{"name": "to"}]), Refused("vonage_1020")),
        (of(422, 1020, invalid_parameters=[{"name": "from"}]), Postponed("vonage_1020", ours=True)),
        (of(422, 1020, invalid_parameters=["from"]), Refused("vonage_1020")),
        (of(422, 1020, invalid_parameters=7), Refused("vonage_1020")),
        (Answer(422, {"invalid_parameters": [{"name": "from"}]}), Postponed("vonage_422", ours=True)),
        (of(401, "unauthorized"), Postponed("vonage_401", ours=True)),
        (of(422, "9" * 50), Refused("vonage_422")),
        (of(422, "²"), Refused("vonage_422")),
        (of(500, 1030), Unclear("vonage_500")),
        (Answer(503), Postponed("vonage_503", down=True)),
        (Answer(404), Postponed("vonage_404", ours=True)),
    ],
)
def test_vonage_s_answers_are_told_apart(answer, outcome):
    assert judged(answer) == outcome
