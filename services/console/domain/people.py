"""Who works with the console: people of the shop, never its customers."""

from dataclasses import dataclass
from uuid import UUID

from services.console.domain.roles import Right, Role, may

EVERY_STORE = "*"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in. `stores` are those that they see (`*`: every one), `locale` the language they chose."""

    person_id: UUID
    email: str
    name: str
    role: Role
    stores: frozenset[str]
    locale: str | None = None

    def sees(self, store_id: str) -> bool:
        """Whether the store is one of theirs."""
        return EVERY_STORE in self.stores or store_id in self.stores

    def may(self, right: Right) -> bool:
        """Whether their role may that."""
        return may(self.role, right)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is to come, and as what; `email` is empty for the first person, who says it."""

    email: str
    role: Role
    stores: frozenset[str]


def same_address(email: str) -> str:
    """An address as it is kept and compared."""
    return email.strip().lower()


def is_address(email: str) -> bool:
    """Whether it looks like one: no more than that is asked, for nothing is sent to it."""
    local, at, domain = email.partition("@")
    return bool(local and at and "." in domain and len(email) <= 254 and email.isprintable() and " " not in email)
