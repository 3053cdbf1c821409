"""The servers that the fixtures give are the real ones."""

import subprocess
from pathlib import Path

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.kafka import java
from libs.contracts.topics import TOPICS


async def test_a_database_has_the_schema_of_its_migrations(make_database, tmp_path: Path) -> None:
    (tmp_path / "0001_initial.sql").write_text("CREATE TABLE thing (id int PRIMARY KEY);")
    first, second = make_database(tmp_path), make_database(tmp_path)
    assert first != second
    connection = await asyncpg.connect(first)
    try:
        await connection.execute("INSERT INTO thing VALUES (1)")
        assert (await connection.fetchval("SHOW server_version")).startswith("18.")
    finally:
        await connection.close()


async def test_every_topic_exists_under_the_prefix(kafka: str, topic_prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        topics = set(await admin.list_topics())
    finally:
        await admin.close()
    assert {topic_prefix + topic.name for topic in TOPICS} <= topics


def test_java_takes_the_archive_of_kafka_s_classes(kafka: str) -> None:
    program, *options = java()
    assert any(option.startswith("-XX:AOTCache=") for option in options)
    command = (program, "-XX:AOTMode=on", *options, "kafka.tools.StorageTool", "random-uuid")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
