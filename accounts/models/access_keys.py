"""Access keys."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .indexes import build_search_index
from .people import User

ACCESS_KEY_ID_PATTERN = r"^[0-9a-f]{32}$"
# The format of Fernet's ciphertext, which no secret has
CIPHERTEXT_PATTERN = r"^gAAAAA[0-9A-Za-z_-]{94,}={0,2}$"

KEY_DESCRIPTION_LENGTH = 100


def new_access_key_id() -> str:
    return secrets.token_hex(16)


class AccessKeyQuerySet(models.QuerySet["AccessKey"]):
    def owned_by(self, user: User) -> AccessKeyQuerySet:
        return self.filter(user=user)


class AccessKey(models.Model):
    """A key that a program signs its requests with. It acts for the account of its person.

    Checking a signature needs the secret, so it is stored encrypted, not hashed (keys.py).
    """

    key_id = models.CharField(
        _("access key ID"),
        max_length=32,
        unique=True,
        default=new_access_key_id,
        editable=False,
    )
    # A key is deleted only by a verb, which is audited, and never along with its person.
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="access_keys", verbose_name=_("person")
    )
    description = models.CharField(_("description"), max_length=KEY_DESCRIPTION_LENGTH, blank=True)
    encrypted_secret = models.TextField(editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = AccessKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("access key")
        verbose_name_plural = _("access keys")
        ordering = ("-created_at", "-pk")
        indexes: ClassVar = [
            build_search_index("key_id", "description", name="accesskey_search"),
            models.Index(F("created_at").desc(), F("id").desc(), name="accesskey_newest"),
            models.Index(
                F("created_at").desc(),
                F("id").desc(),
                name="accesskey_disabled",
                condition=Q(is_active=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(key_id__regex=ACCESS_KEY_ID_PATTERN), name="access_key_id_is_hex32"
            ),
            models.CheckConstraint(
                condition=Q(encrypted_secret__regex=CIPHERTEXT_PATTERN),
                name="access_key_secret_is_encrypted",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.key_id
