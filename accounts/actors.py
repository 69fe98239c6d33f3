"""The caller as the domain sees it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .models import Account


class Channel(models.TextChoices):
    CONSOLE = "console", _("Console")
    API = "api", _("API")
    ADMIN = "admin", _("Administration")
    SYSTEM = "system", _("Command line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, for which account, from where. Built once at the edge."""

    account: Account | None
    name: str
    channel: Channel
    address: str | None = None
    request_id: str = ""
    access_key_id: str = ""

    @property
    def is_operator(self) -> bool:
        """Whether the actor works for the installation rather than for one account."""
        return self.channel in {Channel.ADMIN, Channel.SYSTEM}

    @property
    def person_key(self) -> str:
        """What limits per person and key are counted under."""
        return f"{self.channel}:{self.name}:{self.access_key_id}"


SYSTEM = Actor(account=None, name="system", channel=Channel.SYSTEM)


def client_address(request: HttpRequest) -> str | None:
    """The client's address: the peer's, or what the trusted proxies in front wrote down.

    Each proxy appends the address that it saw to X-Forwarded-For, so with n trusted ones only the
    n-th entry from the right is true; everything before it is the client's own claim.
    """
    hops = settings.TRUSTED_PROXIES
    claimed = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(claimed) >= hops and (address := parsed(claimed[-hops])):
        return address
    return parsed(request.META.get("REMOTE_ADDR", ""))


def parsed(text: str) -> str | None:
    """An IP address in its usual form, or None for what is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None
