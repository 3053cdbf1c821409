"""Brokers are a list from the moment that a text of them is read."""

import pytest

from libs.kafka.broker import open_broker
from libs.kafka.cluster import Cluster, Sasl, cluster_of


def test_several_brokers_are_several_for_every_client():
    cluster = Cluster.of("a:9092, b:9093,[::1]:9094,c")
    assert cluster.brokers == ("a:9092", "b:9093", "[::1]:9094", "c")
    assert cluster.options()["bootstrap_servers"] == ["a:9092", "b:9093", "[::1]:9094", "c"]
    assert str(cluster) == "a:9092,b:9093,[::1]:9094,c"


def test_the_consumers_broker_does_not_take_a_list_for_one_host():
    """`a:9092,b:9092` was one host's name for FastStream, and every consumer waited for it for ever."""
    broker = open_broker("a:9092,b:9092", "group")
    assert broker._connection_kwargs["bootstrap_servers"] == ["a:9092", "b:9092"]


@pytest.mark.parametrize("text", ["", "a:9092,", ",", "a:b", "a 9092", "http://a:9092", "a:9092;b:9092", "a:1:2"])
def test_what_names_no_brokers_is_refused(text):
    with pytest.raises(ValueError, match="host:port"):
        cluster_of(text)


def test_no_password_is_shown():
    assert "hush" not in repr(Cluster.of("a:1", sasl=Sasl("PLAIN", "ann", "hush")))


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_the_consumers_broker_is_told_what_the_other_clients_are_told(mechanism):
    cluster = Cluster.of("a:1", sasl=Sasl(mechanism, "ann", "hush"))
    told = open_broker(cluster, "group")._connection_kwargs
    assert {name: told[name] for name in cluster.options()} == cluster.options()
