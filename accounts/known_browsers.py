"""Browsers in which a person signed in before. A cookie tells them, and holds no secret.

Attempts to sign in from there are counted apart, so that a stranger who tries wrong passwords for a
name doesn't keep its person out.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from .limits import get_digest

AGE = timedelta(days=180)


def remember(response: HttpResponse, username: str) -> None:
    """Let the browser of this response be known for this person."""
    value = signing.dumps([get_digest(username.lower()), secrets.token_hex(8)], salt=__name__)
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        value,
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def find(request: HttpRequest, username: str) -> str:
    """Return the ID of a browser that is known for this person, or ""."""
    value = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    try:
        digest, browser = signing.loads(value, salt=__name__, max_age=AGE)
    except signing.BadSignature:
        return ""
    return str(browser) if digest == get_digest(username.lower()) else ""
