"""The caller of a domain verb."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .addresses import find_client, get_network
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
    """Return the client's address: the peer's, or the one reported by trusted proxies."""
    peer = request.META.get("REMOTE_ADDR", "")
    return find_client(peer, request.headers.get("X-Forwarded-For", ""))


def get_client_network(request: HttpRequest) -> str | None:
    """Return what to count a client's attempts by."""
    return get_network(get_client_address(request))
