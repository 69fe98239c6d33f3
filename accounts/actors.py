"""The caller of a domain verb."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .models import Account, Role, User


class Channel(models.TextChoices):
    CONSOLE = "console", _("Console")
    API = "api", _("API")
    ADMIN = "admin", _("Administration")
    SSO = "sso", _("Single sign-on")
    SYSTEM = "system", _("Command line")


# The channels of those who work for the installation rather than for one account
OPERATOR_CHANNELS = frozenset({Channel.ADMIN, Channel.SSO, Channel.SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The caller, its account and where it calls from. Built once, where a request comes in."""

    account: Account | None
    name: str
    role: Role
    channel: Channel
    address: str | None = None
    request_id: str = ""
    access_key_id: str = ""
    is_viewing: bool = False  # an operator who views another account (viewing.py)
    operator: User | None = None  # who works in the administration, with these permissions

    @property
    def is_operator(self) -> bool:
        return self.channel in OPERATOR_CHANNELS


SYSTEM = Actor(account=None, name="system", role=Role.ADMIN, channel=Channel.SYSTEM)


def get_client_address(request: HttpRequest) -> str | None:
    """Return the client's address: the peer's, or the one reported by trusted proxies.

    Each proxy appends the address that it saw to X-Forwarded-For. With n trusted proxies, only the
    n-th entry from the right is reliable. The client controls everything before it.
    """
    hops = settings.TRUSTED_PROXIES
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(forwarded) >= hops and (address := parse_address(forwarded[-hops])):
        return address
    return parse_address(request.META.get("REMOTE_ADDR", ""))


def get_client_network(request: HttpRequest) -> str | None:
    """Return what to count a client's attempts by."""
    return get_network(get_client_address(request))


def get_network(address: str | None) -> str | None:
    """Return the address itself, or of IPv6 its network of 64 bits: one client has all of it."""
    if address is None or ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def parse_address(text: str) -> str | None:
    """Return an IP address in canonical form, or None if the text is not one."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None
