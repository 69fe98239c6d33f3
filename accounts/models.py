"""Accounts, people, access keys and the audit trail."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ACCOUNT_ID_PATTERN = ACCESS_KEY_ID_PATTERN = r"^[0-9a-f]{32}$"
# The format of Fernet's ciphertext, which no secret has
CIPHERTEXT_PATTERN = r"^gAAAAA[0-9A-Za-z_-]{94,}={0,2}$"

KEY_DESCRIPTION_LENGTH = 100


def new_account_id() -> str:
    return secrets.token_hex(16)


def new_access_key_id() -> str:
    return secrets.token_hex(16)


def new_request_id() -> str:
    return str(uuid.uuid4())


# Names are typed into lists, so they must not contain a separator.
IDENTIFIER_PATTERN = r"^\w[\w.@+-]{0,79}\Z"
name_validator = RegexValidator(
    IDENTIFIER_PATTERN, _("Use letters, digits and . @ + - _, without spaces.")
)
not_an_account_id = RegexValidator(
    ACCOUNT_ID_PATTERN, _("A name can't have the format of an account ID."), inverse_match=True
)


class Account(models.Model):
    """An account: it owns images, and images are shared with it.

    Each of its three identifiers finds it (BCC's `accountId`, `account` and `ucAccount`).
    """

    account_id = models.CharField(
        _("account ID"),
        max_length=32,
        unique=True,
        default=new_account_id,
        validators=[RegexValidator(ACCOUNT_ID_PATTERN, _("Use 32 lower-case hex digits."))],
        help_text=_("32 lower-case hex digits. Can't be changed later."),
    )
    name = models.CharField(
        _("cloud account"),
        max_length=64,
        unique=True,
        validators=[name_validator, not_an_account_id],
    )
    uc_account = models.CharField(
        _("Baidu account"),
        max_length=80,
        unique=True,
        validators=[name_validator, not_an_account_id],
    )
    custom_image_limit = models.PositiveSmallIntegerField(
        _("custom images per region"),
        null=True,
        blank=True,
    )
    recipient_limit = models.PositiveSmallIntegerField(
        _("recipients per image"),
        null=True,
        blank=True,
    )
    received_image_limit = models.PositiveSmallIntegerField(
        _("received images"),
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("name",)
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
                violation_error_message=_("Another account already uses this Baidu account."),
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

    def clean(self) -> None:
        """Check that no name matches another account's other name, which constraints can't do."""
        for field, other in (("name", "uc_account"), ("uc_account", "name")):
            same = Account.objects.filter(**{f"{other}__iexact": getattr(self, field)})
            if same.exclude(pk=self.pk).exists():
                raise ValidationError({field: _("Another account already uses this name.")})


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
    # A name of the system's time zone database. It is a preference like the language: not audited.
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        help_text=_("Leave blank for the browser's time zone."),
    )
    # The person has seen what was shared with and unshared from the account up to this time.
    inbox_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("username",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(is_staff=True),
                name="user_has_account_or_is_staff",
                violation_error_message=_("Select an account, or give this person staff status."),
            ),
        ]


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
    # A key is deleted only by its verb, which is audited, and never along with its person.
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


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def concerning(self, account: Account) -> AuditEventQuerySet:
        """Return what `account` did, and what was done to it."""
        return self.filter(accounts__contains=[account.account_id])

    def noteworthy_for(self, account: Account) -> AuditEventQuerySet:
        """Return the events for a short list: no sign-ins or sign-outs, no refusals of others."""
        is_refused = Q(outcome=AuditEvent.Outcome.REFUSED)
        is_own = Q(actor_account_id=account.account_id)
        return self.concerning(account).exclude(is_refused & ~is_own).without_sign_ins()

    def without_sign_ins(self) -> AuditEventQuerySet:
        return self.exclude(verb__startswith="session.")

    def received_by(self, account: Account) -> AuditEventQuerySet:
        """Return what others shared with `account`, and what they unshared."""
        return self.filter(recipients__contains=[account.account_id])

    def news_for(self, user: User) -> AuditEventQuerySet:
        """Return what the person's account received since this person last looked."""
        account: Account = user.account  # type: ignore[assignment]
        return self.received_by(account).filter(at__gt=user.inbox_seen_at)

    def newest_of_few(self) -> AuditEventQuerySet:
        """Return the newest first, by sorting what the filters leave.

        The expression keeps PostgreSQL from using the index on the time. PostgreSQL assumes that
        every array is frequent, and would read the whole trail in order until it has enough rows.
        """
        return self.order_by(Coalesce("at", "at").desc(), "-pk")


class AuditEvent(models.Model):
    """An action that was done or refused, as it was at that moment.

    There are no foreign keys: an event stays true when its objects are deleted. A trigger refuses
    UPDATE and DELETE (migration 0002).
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("Succeeded")
        REFUSED = "refused", _("Failed")

    at = models.DateTimeField(_("time"), default=timezone.now)
    verb = models.CharField(_("action"), max_length=40)
    outcome = models.CharField(_("result"), max_length=8, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    channel = models.CharField(_("channel"), max_length=8)
    actor_account_id = models.CharField(_("actor account ID"), max_length=32, blank=True)
    actor_account = models.CharField(_("actor account"), max_length=64, blank=True)
    actor = models.CharField(_("actor"), max_length=150, blank=True)
    access_key_id = models.CharField(_("access key"), max_length=32, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    request_id = models.CharField(_("request ID"), max_length=36, blank=True)
    region = models.CharField(_("region"), max_length=8, blank=True)
    target_type = models.CharField(_("resource type"), max_length=20, blank=True)
    target_id = models.CharField(_("ID"), max_length=64, blank=True)
    target_name = models.CharField(_("name"), max_length=150, blank=True)
    accounts = ArrayField(
        models.CharField(max_length=32), verbose_name=_("related accounts"), default=list
    )
    # The accounts among them that received or lost something
    recipients = ArrayField(
        models.CharField(max_length=32), verbose_name=_("recipients"), default=list
    )
    detail = models.JSONField(_("details"), default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ("-at", "-pk")
        indexes: ClassVar = [
            models.Index(F("at").desc(), F("id").desc(), name="auditevent_newest"),
            models.Index("target_id", F("at").desc(), name="auditevent_target"),
            GinIndex("accounts", name="auditevent_accounts"),
            GinIndex("recipients", name="auditevent_recipients"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_id}".strip()


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


class ClientToken(models.Model):
    """A client token of the API, or the one-time ID of a form, and what the request did."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
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
