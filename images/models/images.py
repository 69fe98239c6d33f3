"""Images, and who each is shared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit import Target
from accounts.models import Account

from .naming import DESC_LENGTH, NAME_PATTERN, NAME_RULE, new_image_id

if TYPE_CHECKING:
    from datetime import datetime

    from .regions import Region


class ImageQuerySet(models.QuerySet["Image"]):
    def public(self) -> ImageQuerySet:
        return self.filter(owner=None)

    def owned_by(self, account: Account) -> ImageQuerySet:
        return self.filter(owner=account)

    def shared_with(self, account: Account) -> ImageQuerySet:
        return self.filter(
            Exists(ShareGrant.objects.filter(image=OuterRef("pk"), recipient=account))
        )

    def visible_to(self, account: Account) -> ImageQuerySet:
        return self.owned_by(account) | self.shared_with(account) | self.public()

    def shared_with_somebody(self) -> ImageQuerySet:
        return self.filter(Exists(ShareGrant.objects.filter(image=OuterRef("pk"))))

    def shared_with_nobody(self) -> ImageQuerySet:
        return self.exclude(Exists(ShareGrant.objects.filter(image=OuterRef("pk"))))

    def in_region(self, region: Region | str) -> ImageQuerySet:
        return self.filter(region=region)

    def with_recipient_count(self) -> ImageQuerySet:
        grants = ShareGrant.objects.filter(image=OuterRef("pk")).order_by().values("image")
        counted = Subquery(grants.annotate(n=Count("pk")).values("n"))
        return self.annotate(recipient_count=Coalesce(counted, 0))

    def with_shared_at(self, account: Account) -> ImageQuerySet:
        grant = ShareGrant.objects.filter(image=OuterRef("pk"), recipient=account)
        return self.annotate(shared_at=Subquery(grant.values("shared_at")))

    def called(self, text: str) -> ImageQuerySet:
        """Those whose name contains `text`, or whose ID begins with it."""
        return self.filter(Q(name__icontains=text) | Q(image_id__istartswith=text))


class Image(models.Model):
    """A disk image to make instances from: somebody's own, or public when it has no owner."""

    class Type(models.TextChoices):
        SYSTEM = "System", _("Public image")
        CUSTOM = "Custom", _("Custom image")
        INTEGRATION = "Integration", _("Service integration image")

    class Status(models.TextChoices):
        CREATING = "Creating", _("Creating")
        CREATED_FAILED = "CreatedFailed", _("Creation failed")
        AVAILABLE = "Available", _("Available")
        NOT_AVAILABLE = "NotAvailable", _("Not available")
        ERROR = "Error", _("Error")

    class OsType(models.TextChoices):
        LINUX = "linux", "Linux"
        WINDOWS = "windows", "Windows"

    image_id = models.CharField(
        _("image ID"), max_length=10, unique=True, default=new_image_id, editable=False
    )
    region = models.ForeignKey(
        "images.Region", on_delete=models.PROTECT, related_name="images", verbose_name=_("region")
    )
    owner = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="images",
        verbose_name=_("owner"),
    )
    type = models.CharField(_("type"), max_length=12, choices=Type)
    status = models.CharField(_("status"), max_length=13, choices=Status, default=Status.AVAILABLE)
    name = models.CharField(
        _("name"),
        max_length=65,
        validators=[RegexValidator(NAME_PATTERN, NAME_RULE)],
    )
    desc = models.CharField(_("description"), max_length=DESC_LENGTH, blank=True)
    os_type = models.CharField(_("OS type"), max_length=7, choices=OsType, default=OsType.LINUX)
    os_name = models.CharField(_("OS name"), max_length=40)
    os_version = models.CharField(_("OS version"), max_length=40)
    os_arch = models.CharField(_("architecture"), max_length=20, default="x86_64 (64bit)")
    os_build = models.CharField(_("OS build"), max_length=20, blank=True)
    os_lang = models.CharField(_("OS language"), max_length=3, default="ENG")
    special_version = models.CharField(_("special version"), max_length=40, blank=True)
    size_gb = models.PositiveIntegerField(_("size (GB)"), default=20)
    min_disk_gb = models.PositiveIntegerField(_("smallest system disk (GB)"), default=20)
    encrypted = models.BooleanField(_("encrypted"), default=False)
    source = models.CharField(
        _("source"), max_length=20, blank=True, help_text=_("What it was made from, by ID.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ImageQuerySet.as_manager()

    # Set by with_recipient_count() and with_shared_at()
    recipient_count: int
    shared_at: datetime

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ("-created_at", "image_id")
        indexes: ClassVar = [
            models.Index(
                "region", "owner", F("created_at").desc(), "image_id", name="image_region_owner"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(type="Custom", owner__isnull=False)
                | (~Q(type="Custom") & Q(owner__isnull=True)),
                name="image_is_custom_when_owned",
                violation_error_message=_("A custom image has an owner, a public one has none."),
            ),
            models.CheckConstraint(
                condition=Q(image_id__regex=r"^m-[A-Za-z0-9]{8}$"), name="image_id_has_its_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("images:detail", args=[self.region_id, self.image_id])

    @property
    def os(self) -> str:
        return f"{self.os_name} {self.os_version}"

    @property
    def audit_target(self) -> Target:
        return Target(
            type="image",
            id=self.image_id,
            name=self.name,
            region=self.region_id,
            owner=self.owner,
        )


class ShareGrant(models.Model):
    """One account's right to use one image."""

    image = models.ForeignKey(
        Image, on_delete=models.PROTECT, related_name="grants", verbose_name=_("image")
    )
    # The image's owner again, so that the database itself can refuse a grant to the owner.
    owner = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    recipient = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="received_grants",
        verbose_name=_("recipient"),
    )
    shared_at = models.DateTimeField(_("shared since"), default=timezone.now)
    shared_by = models.CharField(_("shared by"), max_length=150)

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ("recipient__name",)
        constraints: ClassVar = [
            models.UniqueConstraint("image", "recipient", name="sharegrant_once_per_recipient"),
            models.CheckConstraint(
                condition=~Q(recipient=F("owner")), name="sharegrant_not_to_its_owner"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image} → {self.recipient}"
