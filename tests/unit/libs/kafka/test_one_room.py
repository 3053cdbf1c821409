"""Every client of Kafka is made in libs/kafka, where a list of brokers and a log-in are understood."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
MADE = re.compile(r"\b(AIOKafka(Consumer|Producer|AdminClient|Client)|KafkaBroker)\(")


def test_no_client_is_made_anywhere_else():
    sources = [path for folder in ("libs", "services", "deploy") for path in (ROOT / folder).rglob("*.py")]
    making = {str(p.relative_to(ROOT)) for p in sources if MADE.search(p.read_text(encoding="utf-8"))}
    assert making == {"libs/kafka/broker.py", "libs/kafka/clients.py"}
