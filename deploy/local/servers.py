"""The PostgreSQL and the Kafka of a stack: its own, or those of others that it was pointed at."""

import hashlib
import sys
from collections.abc import Callable

from deploy.local.clusters import cluster_folder
from deploy.local.databases import database_of
from deploy.local.folders import ROOT
from deploy.local.jars import Progress
from deploy.local.kafka import Kafka, cluster_id
from deploy.local.postgres import Postgres
from deploy.local.program import Program
from deploy.local.services import DATABASES, Member
from deploy.local.stack import Stack


def own_postgres(stack: Stack) -> Postgres | None:
    """The stack's own server, None if it uses another."""
    if stack.external_postgres:
        return None
    return Postgres(cluster_folder(stack.state, stack.name), stack.ports.postgres, stack.secrets.postgres_password)


def own_kafka(stack: Stack) -> list[Kafka]:
    """The stack's own brokers, none if it uses others."""
    if stack.external_kafka:
        return []
    controllers = tuple(controller for _, controller in stack.broker_ports)
    shared = cluster_id(hashlib.sha256(stack.name.encode()).digest()[:16])
    return [
        Kafka(
            stack.state / ("kafka" if number == 1 else f"kafka-{number}"),
            port,
            controller,
            number=number,
            controllers=controllers,
            cluster_id=shared,
        )
        for number, (port, controller) in enumerate(stack.broker_ports, 1)
    ]


def postgres_member(server: Postgres) -> Member:
    """The server as a member of the stack; sets its cluster up the first time."""
    return Member(server.prepare(), server.ready, server.port)


def kafka_member(server: Kafka, progress: Progress) -> Member:
    """A broker as a member of the stack; fetches it the first time."""
    return Member(server.prepare(progress), server.ready, server.port)


def dsn_of(stack: Stack) -> Callable[[str], str]:
    """Maps a service to the DSN of its database; "" is the database through which others are made."""
    own = own_postgres(stack)

    def dsn(service: str) -> str:
        if own:
            return own.dsn(f"{stack.name}_{service}") if service else own.dsn()
        given = stack.external_postgres or ""
        return database_of(given, f"{stack.name}_{service}") if service else given

    return dsn


def databases(stack: Stack) -> Program:
    """The one-shot program that makes the services' databases and brings them to the newest schema.

    The DSN goes by the environment, not for all to see.
    """
    argv = (sys.executable, "-m", "deploy.local.databases", stack.name, *DATABASES)
    return Program("databases", argv, {"EVERCART_DSN": dsn_of(stack)("")}, cwd=ROOT)
