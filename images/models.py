"""The cloud's nouns: regions, images, and who an image is shared with.

Field names and values follow BCC's ImageModel (API reference, appendix).
"""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.audit import Target
from accounts.models import Account

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models.expressions import Combinable

ID_ALPHABET = string.ascii_letters + string.digits
# BCC "Create a custom image": 1-65 characters, a letter first; the strict reading has no space.
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9\u4e00-\u9fa5_/.-]{0,64}\Z"
NAME_RULE = _(
    "1 to 65 characters: a letter first, then letters, digits, Chinese characters or - _ / ."
)
DESC_LENGTH = 250


def new_image_id() -> str:
    return "m-" + "".join(secrets.choice(ID_ALPHABET) for _ in range(8))


class RegionQuerySet(models.QuerySet["Region"]):
    def with_image_counts(self, account: Account) -> RegionQuerySet:
        """Add `custom`, `shared` and `public`: how many images of each kind `account` has there."""
        return self.annotate(
            custom=count_by_region(Image.objects.owned_by(account)),
            shared=count_by_region(Image.objects.shared_with(account)),
            public=count_by_region(Image.objects.public()),
        )


def count_by_region(images: ImageQuerySet) -> Combinable:
    counted = images.order_by().filter(region=OuterRef("pk")).values("region")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0)


class Region(models.Model):
    """A place that images live in; what is in one cannot be used in another."""

    code = models.CharField(
        _("code"),
        max_length=8,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z]{2,3}\Z", _("Use 2 or 3 lower-case letters."))],
    )
    name_en = models.CharField(_("English name"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = RegionQuerySet.as_manager()

    # Set by with_image_counts()
    custom: int
    shared: int
    public: int

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


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
        Region, on_delete=models.PROTECT, related_name="images", verbose_name=_("region")
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
