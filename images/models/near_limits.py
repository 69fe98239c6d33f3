"""What is near a limit."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class NearLimit(models.Model):
    """An account or an image that was near a limit when usage.look() last counted.

    There is no foreign key: what is deleted meanwhile is in no list.
    """

    model = models.CharField(max_length=8)
    key = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("model", "key", name="near_limit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"
