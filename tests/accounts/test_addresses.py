"""The address of a client, and what one client has."""

from __future__ import annotations

import pytest

from accounts import addresses


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.7", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "192.0.2.7", "192.0.2.7"),
        (1, "192.0.2.7, 192.0.2.8", "192.0.2.8"),
        (2, "192.0.2.7, 192.0.2.8", "192.0.2.7"),
        (2, "192.0.2.7", "192.0.2.1"),
        (1, "unknown", "192.0.2.1"),
    ],
)
def test_only_what_a_trusted_proxy_has_appended_counts(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies

    assert addresses.find_client("192.0.2.1", forwarded) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" 192.0.2.1 ", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.0.2.1:80", None),
        ("", None),
    ],
)
def test_an_address_has_one_form(text, address):
    assert addresses.parse(text) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        (None, None),
    ],
)
def test_one_client_has_a_network_of_ipv6(address, network):
    assert addresses.get_network(address) == network
