"""A client's address, as sign-in, the audit trail, budgets and the web server see it."""

from __future__ import annotations

import ipaddress

from django.conf import settings


def find_client(peer: str, forwarded: str) -> str | None:
    """Return the client's address: the peer's, or the one reported by trusted proxies.

    Each proxy appends the address that it saw to X-Forwarded-For. With n trusted proxies, only the
    n-th entry from the right is reliable. The client controls everything before it.
    """
    hops, entries = settings.TRUSTED_PROXIES, forwarded.split(",")
    if hops and len(entries) >= hops and (address := parse(entries[-hops])):
        return address
    return parse(peer)


def get_network(address: str | None) -> str | None:
    """Return the address itself, or of IPv6 its network of 64 bits: one client has all of it."""
    if address is None or ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def parse(text: str) -> str | None:
    """Return an IP address in canonical form, or None if the text is not one.

    An IPv4 address that a socket of IPv6 reports is one of IPv4. A zone (`%eth0`) is left out.
    """
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
