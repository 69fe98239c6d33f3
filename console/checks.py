"""A system check of the settings for proxies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004


@register(Tags.security, deploy=True)
def check_proxies(**_: Any) -> list[CheckMessage]:
    """Report a proxy that the settings don't mention. HTTPS=1 says that there is one."""
    if not settings.SECURE_SSL_REDIRECT or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "HTTPS is 1, but TRUSTED_PROXIES is 0: all clients have the address of the proxy, so "
            "one of them can lock everybody out of signing in.",
            hint="Set TRUSTED_PROXIES to the number of proxies that append to X-Forwarded-For.",
            id="console.W001",
        )
    ]
