"""People."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .accounts import Account
from .indexes import build_search_index


class Role(models.TextChoices):
    """What a person may do in the account. Each role includes the ones before it."""

    VIEWER = "viewer", _("Viewer")
    SHARER = "sharer", _("Sharer")
    ADMIN = "admin", _("Administrator")


class User(AbstractUser):
    """A person who signs in for an account. Operators (`is_staff`) may have no account."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    last_login = None  # the audit trail has it, so sign-in needs no write here
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("account"),
        help_text=_("The account this person works in. Optional for operators."),
    )
    role = models.CharField(
        _("role"),
        max_length=8,
        choices=Role,
        default=Role.ADMIN,
        db_default=Role.ADMIN,
        help_text=_(
            "Viewers only look. Sharers share and unshare images. Administrators do everything."
        ),
    )
    must_change_password = models.BooleanField(
        _("must change the password"),
        default=False,
        db_default=False,
        help_text=_("At the next sign-in, before anything else."),
    )
    # A name of the system's time zone database. It is a preference like the language: not audited.
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        help_text=_("Leave blank for the browser's time zone."),
    )
    # When single sign-on last vouched for the person. None for people with a local password
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    # The person has seen what was shared with and unshared from the account up to this time.
    inbox_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("username",)
        indexes: ClassVar = [
            build_search_index("username", name="user_search"),
            models.Index("date_joined", name="user_joined"),
            models.Index("role", "username", name="user_role"),
            models.Index("username", name="user_staff", condition=Q(is_staff=True)),
            models.Index("username", name="user_inactive", condition=Q(is_active=False)),
            models.Index(
                "username", name="user_with_old_password", condition=Q(must_change_password=True)
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(is_staff=True),
                name="user_has_account_or_is_staff",
                violation_error_message=_("Select an account, or give this person staff status."),
            ),
        ]

    def clean(self) -> None:
        """Refuse a name that another person has in upper or lower case."""
        super().clean()
        is_same = Q(username__iexact=self.username)
        if self.username and User.objects.filter(is_same).exclude(pk=self.pk).exists():
            raise ValidationError({"username": self.unique_error_message(User, ("username",))})

    @property
    def public_id(self) -> str:
        """Return the ID in addresses and pages."""
        return str(self.pk)
