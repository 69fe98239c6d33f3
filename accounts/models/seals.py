"""Seals of the audit trail (accounts/sealing.py)."""

from __future__ import annotations

from django.db import models


class Seal(models.Model):
    """The signed fingerprints of all events from `first` to `last`. It includes the seal before."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    # The first and last ID of an event that this seal is about. Not every ID in between has one
    first = models.BigIntegerField()
    last = models.BigIntegerField(unique=True)
    # 24 bytes for each event: its ID, and the start of its SHA-256
    prints = models.BinaryField()
    # The SHA-256 of the seal before, these numbers and the prints
    digest = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)

    def __str__(self) -> str:
        return str(self.number)
