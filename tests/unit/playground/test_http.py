import pytest

from deploy.playground.http import is_local_name


@pytest.mark.parametrize("host", ["127.0.0.1:8090", "localhost", "[::1]:80", "playground:8080", "shop.localhost", ""])
def test_local_names_lead_here(host):
    assert is_local_name(host)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8090", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_names_of_the_public_dns_do_not(host):
    assert not is_local_name(host)
