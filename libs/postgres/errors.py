"""What PostgreSQL and the way to it can answer with, for code that may not know the driver."""

from asyncpg import (
    DataError,
    DeadlockDetectedError,
    ForeignKeyViolationError,
    InsufficientResourcesError,
    IntegrityConstraintViolationError,
    InterfaceError,
    InternalClientError,
    LockNotAvailableError,
    OperatorInterventionError,
    PostgresConnectionError,
    PostgresError,
    TransactionRollbackError,
    UniqueViolationError,
)

__all__ = [
    "FAILURES",
    "OUTAGES",
    "RACES",
    "UNDONE",
    "DeadlockDetectedError",
    "ForeignKeyViolationError",
    "PostgresError",
    "TransactionRollbackError",
    "UniqueViolationError",
]

OUTAGES = (
    OSError,
    TimeoutError,
    PostgresConnectionError,
    InterfaceError,
    InternalClientError,  # what asyncpg says of a connection that dies under a statement
    OperatorInterventionError,  # the server is starting, stopping, or gave a statement up
    InsufficientResourcesError,
)
"""The database can't be used just now: the same statement may work in a moment."""

FAILURES = (*OUTAGES, PostgresError)
"""Whatever a round of work on the database can end with that a later round may not."""

RACES = (UniqueViolationError, DeadlockDetectedError, ForeignKeyViolationError)
"""Races against other transactions, lost: the same work may be tried again at once."""

UNDONE = (IntegrityConstraintViolationError, DeadlockDetectedError, LockNotAvailableError, DataError)
"""A statement was refused for what is in it, or for a race: it is known that nothing of it was done."""
