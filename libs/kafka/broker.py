"""FastStream's broker, through which the inbox consumes."""

import logging
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLOAuthBearer, SASLPlaintext, SASLScram256, SASLScram512

from libs.kafka.cluster import Cluster, Servers, cluster_of

GRACE_S = 5.0
"""How long a batch under way may take to end when the process is told to."""

_LOG = logging.getLogger("libs.inbox.consumer.broker")  # "faststream" has a handler of its own that writes no JSON
_LOG.setLevel(logging.ERROR)  # at each start it warns of what is meant: topics are not created on the fly

_WITH_PASSWORD = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def open_broker(servers: Servers, name: str) -> KafkaBroker:
    """A broker that is not connected yet."""
    cluster = cluster_of(servers)
    options = cluster.options()
    return KafkaBroker(
        options["bootstrap_servers"],  # a list: a text would be taken for one host's name
        security=_security(cluster, options),
        sasl_oauth_token_provider=options.get("sasl_oauth_token_provider"),
        client_id=name,
        request_timeout_ms=10_000,
        allow_auto_create_topics=False,
        graceful_timeout=GRACE_S,
        logger=_LOG,
    )


def _security(cluster: Cluster, options: dict[str, Any]) -> BaseSecurity:
    """The same in FastStream's own words, for it takes aiokafka's options in no other."""
    context, sasl = options.get("ssl_context"), cluster.sasl
    if sasl is None:
        return BaseSecurity(context, use_ssl=context is not None)
    if sasl.mechanism == "OAUTHBEARER":
        return SASLOAuthBearer(context, use_ssl=context is not None)
    return _WITH_PASSWORD[sasl.mechanism](sasl.username, sasl.password, context, use_ssl=context is not None)
