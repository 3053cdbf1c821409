"""What can be said of a cluster, and what is refused before anybody waits for it."""

import pytest

from libs.kafka.cluster import Sasl, Tls
from libs.kafka.settings import KafkaSettings, cluster_from
from libs.runtime.settings import BadSettingsError, from_environment


def settings(monkeypatch, **told):
    for name, value in told.items():
        monkeypatch.setenv(f"KAFKA_{name.upper()}", value)
    return from_environment(KafkaSettings)


def test_by_default_nobody_logs_in(monkeypatch):
    cluster = settings(monkeypatch, bootstrap="a:1,b:2").kafka
    assert (cluster.brokers, cluster.tls, cluster.sasl) == (("a:1", "b:2"), None, None)
    assert cluster.options()["security_protocol"] == "PLAINTEXT"


def test_scram_over_tls(monkeypatch):
    cluster = settings(monkeypatch, tls="true", sasl="SCRAM-SHA-512", username="ann", password="hush").kafka
    assert cluster.tls == Tls()
    assert cluster.sasl == Sasl("SCRAM-SHA-512", "ann", "hush")
    assert cluster.options()["security_protocol"] == "SASL_SSL"
    assert cluster.options()["ssl_context"].check_hostname


def test_variables_that_are_kept_elsewhere_say_the_same(monkeypatch):
    monkeypatch.setenv("KAFKA_USERNAME", "of another")
    cluster = cluster_from(
        {"KAFKA_BOOTSTRAP": "a:1", "KAFKA_SASL": "PLAIN", "KAFKA_USERNAME": "u", "KAFKA_PASSWORD": "p"}
    )
    assert cluster.sasl == Sasl("PLAIN", "u", "p")


TOKENS = {"sasl": "OAUTHBEARER", "username": "id", "password": "hush-hush"}


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"bootstrap": "a:1,"}, "KAFKA_BOOTSTRAP: brokers are host:port"),
        ({"sasl": "PLAIN", "username": "ann"}, "PLAIN needs KAFKA_USERNAME and KAFKA_PASSWORD"),
        ({"sasl": "GSSAPI"}, "KAFKA_SASL"),
        ({"username": "ann", "password": "hush-hush"}, "KAFKA_USERNAME, KAFKA_PASSWORD: there is no log-in"),
        ({"ca_file": "/nowhere.pem"}, "KAFKA_CA_FILE: TLS is off"),
        ({"tls": "true", "ca_file": "/nowhere.pem"}, "No such file"),
        ({"tls": "true", "cert_file": "/nowhere.pem"}, "KAFKA_CERT_FILE and KAFKA_KEY_FILE go together"),
        (TOKENS, "KAFKA_TOKEN_URL goes with OAUTHBEARER"),
        (TOKENS | {"sasl": "PLAIN", "token_url": "https://id.example/token"}, "KAFKA_TOKEN_URL goes with OAUTHBEARER"),
        (TOKENS | {"token_url": "http://id.example/token"}, "KAFKA_TOKEN_URL"),
        (TOKENS | {"token_url": "http://localhost.example/token"}, "KAFKA_TOKEN_URL"),
    ],
)
def test_what_would_have_no_effect_or_could_not_work_is_told_by_name(monkeypatch, told, why):
    with pytest.raises(BadSettingsError, match=why) as refused:
        settings(monkeypatch, **told)
    assert "hush-hush" not in str(refused.value)
