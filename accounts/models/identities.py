"""Who people are at the provider of single sign-on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .people import User


class Identity(models.Model):
    """A person's identity at an OpenID provider: issuer and subject never change.

    The refresh token asks the provider whether it still vouches for the person. It is stored
    encrypted, and is empty if the provider gave none.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="identity", verbose_name=_("person")
    )
    issuer = models.CharField(
        _("issuer"), max_length=200, help_text=_("The provider's OIDC_ISSUER.")
    )
    subject = models.CharField(
        _("subject"),
        max_length=255,
        help_text=_("The claim sub of the person at the provider."),
    )
    encrypted_refresh_token = models.TextField(editable=False, blank=True)
    asked_at = models.DateTimeField(_("last asked"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("single sign-on identity")
        verbose_name_plural = _("single sign-on identities")
        ordering = ("user__username",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                "issuer",
                "subject",
                name="identity_is_one_person",
                violation_error_message=_("Another person already has this identity."),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def token_id(self) -> str:
        """Return what the token is encrypted with, so that only its own row can be decrypted."""
        return f"identity-{self.pk}"
