"""Statuses that change by themselves. They are computed from stored times and the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Settling(models.Model):
    """A row that is in `passing_status` until `settles_at`, then in `settled_status`.

    No worker updates it, so nothing is stuck after a restart.
    """

    settled_status: models.CharField[str, str]
    passing_status = models.CharField(_("transitional status"), max_length=15, blank=True)
    passing_since = models.DateTimeField(_("transition started"), default=timezone.now)
    settles_at = models.DateTimeField(_("transition ends"), default=timezone.now)

    class Meta:
        abstract = True

    @property
    def is_settling(self) -> bool:
        return self.settles_at > timezone.now()

    @property
    def status(self) -> str:
        return self.passing_status if self.is_settling else self.settled_status

    @property
    def progress(self) -> int:
        """Return how much of the passing status is over, in percent."""
        duration = self.settles_at - self.passing_since
        if not self.is_settling or not duration:
            return 100
        return max(int(100 * ((timezone.now() - self.passing_since) / duration)), 0)

    def pass_through(
        self, status: str, *, to: str, lasting: timedelta, since: datetime | None = None
    ) -> None:
        """Set the status to `status` from now (or `since`), and to `to` after `lasting`."""
        self.passing_status, self.settled_status = status, to
        self.passing_since = since or timezone.now()
        self.settles_at = self.passing_since + lasting


PASSING_FIELDS = ("settled_status", "passing_status", "passing_since", "settles_at")


def in_status_q(status: str, now: datetime) -> Q:
    """Return the condition for rows whose status is `status` at `now`."""
    return Q(settles_at__gt=now, passing_status=status) | Q(
        settles_at__lte=now, settled_status=status
    )
