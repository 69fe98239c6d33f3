"""The servers that run the console, and the keys that they agree on."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Seconds between two signs of life, and the time without one after which a server is missing
INTERVAL = 60
PATIENCE = timedelta(seconds=3 * INTERVAL)


class Server(models.Model):
    """A running `manage.py up`. It adds itself, says each minute that it runs, and leaves."""

    host = models.CharField(_("host"), max_length=255)
    address = models.CharField(_("address"), max_length=100)
    version = models.CharField(_("version"), max_length=40)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        verbose_name = _("server")
        verbose_name_plural = _("servers")
        ordering = ("host", "address")
        constraints: ClassVar = [
            models.UniqueConstraint("host", "address", name="server_once_per_address"),
        ]

    def __str__(self) -> str:
        return f"{self.host} {self.address}"

    @property
    def is_missing(self) -> bool:
        return self.seen_at < timezone.now() - PATIENCE


class KeyFingerprint(models.Model):
    """The fingerprint of a key that every server of this database needs (fingerprints.py)."""

    setting = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("setting", "digest", name="key_fingerprint_once"),
        ]

    def __str__(self) -> str:
        return f"{self.setting} {self.digest}"
