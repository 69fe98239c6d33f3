"""A second console on the same database, and accounts that call with the official SDK."""

from __future__ import annotations

import pytest

from tests.servers import AT_ONCE

FOR_HOURS = dict.fromkeys(AT_ONCE, "86400")


@pytest.fixture(scope="session")
def slow(start, server):
    """A second console for the same accounts, where nothing that is begun ends."""
    slow = start(static_of=server, WEB_WORKERS="1", **FOR_HOURS)
    yield slow
    assert slow.failures() == []


@pytest.fixture
def tenant(tenants):
    return tenants(1)[0]


@pytest.fixture
def client(server, tenant):
    """The SDK's client of an account that no other test has seen."""
    return server.client(tenant)


@pytest.fixture
def pair(server, tenants):
    """Two accounts with their clients: who shares, and who is shared with."""
    owner, recipient = tenants(2)
    return server.client(owner), recipient, server.client(recipient)
