"""Sessions, with what people recognize theirs by."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .people import User

USER_AGENT_LENGTH = 300


class Session(AbstractBaseSession):
    """A session of the console. accounts.sessions.SessionStore writes it."""

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        related_name="sessions",
        verbose_name=_("person"),
    )
    address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=USER_AGENT_LENGTH, blank=True)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    def __str__(self) -> str:
        """Return where the session is. Never its key, which is as good as a password."""
        return self.user_agent or "-"
