"""What is counted against a limit, and what runs only once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from .people import User


class Attempt(models.Model):
    """The number of attempts counted under `key` since `started_at`."""

    key = models.CharField(max_length=200, primary_key=True)
    started_at = models.DateTimeField(db_index=True)
    spent = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.key


class ChargedText(models.Model):
    """A text that was counted as an attempt. `digest` is that of the attempt's key and the text."""

    digest = models.CharField(max_length=64, primary_key=True)
    charged_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest


class RefusalTally(models.Model):
    """The number of alike refusals since `started_at`. `before` are the unrecorded ones before it.

    `event` has the values of the last one's audit event.
    """

    key = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField(db_index=True)
    number = models.PositiveIntegerField()
    before = models.PositiveIntegerField()
    event = models.JSONField()

    def __str__(self) -> str:
        return self.key


class UsedSignature(models.Model):
    """A signature of the API that changed something. `digest` is that of the signature."""

    digest = models.CharField(max_length=64, primary_key=True)
    used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest


class ClientToken(models.Model):
    """A client token of the API, or the one-time ID of a form, and what the request did."""

    # The unique constraint begins with it
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    scope = models.CharField(max_length=40)
    token = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "user", "scope", "token", name="client_token_once_per_person_and_scope"
            ),
        ]

    def __str__(self) -> str:
        return self.token
