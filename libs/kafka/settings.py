"""What a program is told of its cluster through the environment; services say it with a prefix of their own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.kafka.cluster import Cluster, Mechanism, Sasl, Tls

_TOKEN_URL = r"^(https://|http://(127\.0\.0\.1|localhost)[:/])"  # noqa: S105 - a pattern
_WITH_TLS = ("kafka_ca_file", "kafka_cert_file", "kafka_key_file", "kafka_key_password")
_WITH_SASL = ("kafka_username", "kafka_password", "kafka_token_url", "kafka_token_scope")


class KafkaAccess(BaseModel):
    """`kafka_bootstrap` names one or more brokers; the rest says how to be let in.

    What is a secret has no default, and what would have no effect is refused rather than passed over.
    """

    model_config = ConfigDict(hide_input_in_errors=True, extra="ignore")  # what was given may be a secret

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_tls: bool = False
    kafka_ca_file: Path | None = None
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_key_password: SecretStr | None = None
    kafka_sasl: Mechanism | None = None
    kafka_username: str | None = Field(default=None, min_length=1)
    kafka_password: SecretStr | None = Field(default=None, min_length=1)
    kafka_token_url: str | None = Field(default=None, pattern=_TOKEN_URL)
    kafka_token_scope: str | None = None

    @property
    def kafka(self) -> Cluster:
        """The cluster that is meant. Raises `ValueError` where no client could be made."""
        return Cluster.of(self.kafka_bootstrap, self._tls(), self._sasl())

    def _tls(self) -> Tls | None:
        if not self.kafka_tls:
            self._refuse(_WITH_TLS, "TLS is off: KAFKA_TLS switches it on")
            return None
        if (self.kafka_cert_file is None) != (self.kafka_key_file is None):
            raise ValueError("KAFKA_CERT_FILE and KAFKA_KEY_FILE go together")
        password = self.kafka_key_password.get_secret_value() if self.kafka_key_password else None
        tls = Tls(self.kafka_ca_file, self.kafka_cert_file, self.kafka_key_file, password)
        try:
            tls.context()
        except OSError as error:
            raise ValueError(f"KAFKA_CA_FILE, KAFKA_CERT_FILE or KAFKA_KEY_FILE can't be used: {error}") from None
        return tls

    def _sasl(self) -> Sasl | None:
        if self.kafka_sasl is None:
            self._refuse(_WITH_SASL, "there is no log-in: KAFKA_SASL says which")
            return None
        if self.kafka_username is None or self.kafka_password is None:
            raise ValueError(f"{self.kafka_sasl} needs KAFKA_USERNAME and KAFKA_PASSWORD")
        if (self.kafka_sasl == "OAUTHBEARER") != (self.kafka_token_url is not None):
            raise ValueError("KAFKA_TOKEN_URL goes with OAUTHBEARER")
        return Sasl(
            self.kafka_sasl,
            self.kafka_username,
            self.kafka_password.get_secret_value(),
            self.kafka_token_url or "",
            self.kafka_token_scope or "",
        )

    def _refuse(self, names: tuple[str, ...], why: str) -> None:
        if found := [name.upper() for name in names if getattr(self, name) is not None]:
            raise ValueError(f"{', '.join(found)}: {why}")

    @field_validator("kafka_bootstrap")
    @classmethod
    def _brokers_are_named(cls, told: str) -> str:
        return str(Cluster.of(told))

    @model_validator(mode="after")
    def _a_client_can_be_made(self) -> Self:
        assert self.kafka  # raises what is wrong
        return self


class KafkaSettings(KafkaAccess, BaseSettings):
    """The same from the environment: `KAFKA_BOOTSTRAP` and so on, for tools; services subclass it with a prefix."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, extra="ignore")


def cluster_from(told: Mapping[str, str]) -> Cluster:
    """The cluster that variables tell of which are kept somewhere else than in this process's environment."""
    return KafkaAccess.model_validate({name.lower(): value for name, value in told.items()}).kafka
