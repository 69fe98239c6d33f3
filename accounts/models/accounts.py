"""Accounts and their identifiers."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .indexes import build_search_index

ACCOUNT_ID_PATTERN = r"^[0-9a-f]{32}$"


def new_account_id() -> str:
    return secrets.token_hex(16)


# Names are typed into lists, so they must not contain a separator.
IDENTIFIER_PATTERN = r"^\w[\w.@+-]{0,79}\Z"
name_validator = RegexValidator(
    IDENTIFIER_PATTERN, _("Use letters, digits and . @ + - _, without spaces.")
)
not_an_account_id = RegexValidator(
    ACCOUNT_ID_PATTERN, _("A name can't have the format of an account ID."), inverse_match=True
)

LARGEST_LIMIT = 10_000
not_too_large = MaxValueValidator(
    LARGEST_LIMIT, _("Enter %(limit_value)s or less. Pages list all that a limit allows.")
)


class Account(models.Model):
    """An account: it owns images, and images are shared with it.

    Each of its three identifiers finds it: BCC's `accountId` (the user ID), `account` (the Baidu
    account) and `ucAccount` (the cloud account).

    A closed account keeps its rows and its identifiers, but nobody acts for it.
    """

    account_id = models.CharField(
        _("account ID"),
        max_length=32,
        unique=True,
        default=new_account_id,
        validators=[RegexValidator(ACCOUNT_ID_PATTERN, _("Use 32 lower-case hex digits."))],
        help_text=_(
            "The user ID, accountId in the API: 32 lower-case hex digits. Can't be changed later."
        ),
    )
    name = models.CharField(
        _("Baidu account"),
        max_length=64,
        unique=True,
        validators=[name_validator, not_an_account_id],
        help_text=_("The name of the account, account in the API."),
    )
    uc_account = models.CharField(
        _("cloud account"),
        max_length=80,
        unique=True,
        validators=[name_validator, not_an_account_id],
        help_text=_("A second name of the account, ucAccount in the API."),
    )
    custom_image_limit = models.PositiveSmallIntegerField(
        _("custom images per region"),
        null=True,
        blank=True,
        validators=[not_too_large],
    )
    recipient_limit = models.PositiveSmallIntegerField(
        _("recipients per image"),
        null=True,
        blank=True,
        validators=[not_too_large],
    )
    received_image_limit = models.PositiveSmallIntegerField(
        _("received images"),
        null=True,
        blank=True,
        validators=[not_too_large],
    )
    # Why the limits differ from the defaults, and the last day on which they do
    limits_reason = models.CharField(
        _("reason"), max_length=200, blank=True, default="", db_default=""
    )
    limits_until = models.DateField(
        _("valid until"),
        null=True,
        blank=True,
        help_text=_("After this day, the defaults apply again. Leave blank for no end."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("name",)
        indexes: ClassVar = [
            build_search_index("name", "uc_account", "account_id", name="account_search"),
            models.Index("created_at", name="account_created"),
            models.Index("name", name="account_closed", condition=Q(closed_at__isnull=False)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account_id__regex=ACCOUNT_ID_PATTERN), name="account_id_is_hex32"
            ),
            # Names that differ only in case could be confused when sharing.
            models.UniqueConstraint(
                Lower("name"),
                name="account_name_unique_ignoring_case",
                violation_error_message=_("An account with this name already exists."),
            ),
            models.UniqueConstraint(
                Lower("uc_account"),
                name="account_uc_account_unique_ignoring_case",
                violation_error_message=_("Another account already uses this cloud account."),
            ),
            models.CheckConstraint(
                condition=~Q(name__regex=r"[[:space:],;]|^$|^[0-9a-f]{32}$")
                & ~Q(uc_account__regex=r"[[:space:],;]|^$|^[0-9a-f]{32}$"),
                name="account_names_are_single_entries",
                violation_error_message=_("Names can't contain spaces, commas or semicolons."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def get_own_limit(self, field: str) -> int | None:
        """Return the limit of this account, or None if the default applies.

        Days are those of UTC, on every server and for every reader.
        """
        is_over = self.limits_until is not None and timezone.now().date() > self.limits_until
        own: int | None = None if is_over else getattr(self, field)
        return own

    def clean(self) -> None:
        """Check what constraints can't: names of other accounts, and that limits have a reason."""
        own = [self.custom_image_limit, self.recipient_limit, self.received_image_limit]
        if any(limit is not None for limit in own) and not self.limits_reason:
            raise ValidationError({"limits_reason": _("Say why the limits differ.")})
        for field, other in (("name", "uc_account"), ("uc_account", "name")):
            same = Account.objects.filter(**{f"{other}__iexact": getattr(self, field)})
            if same.exclude(pk=self.pk).exists():
                raise ValidationError({field: _("Another account already uses this name.")})
