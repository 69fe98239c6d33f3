"""Images, and the accounts they are shared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit import Target
from accounts.kept import Kept, Parameter
from accounts.links import url_for
from accounts.models import Account
from accounts.models.indexes import build_search_index

from .disks import SystemDisk
from .naming import DESC_LENGTH, NAME_PATTERN, NAME_RULE, new_image_id
from .settling import Settling, in_status_q

# Values of Image.Status while an image is created or copied
PASSING = ("Creating", "Copying")
# Values of Image.Status that have a reason in Image.failure
FAILED = ("CreatedFailed", "Error")


class ImageQuerySet(models.QuerySet["Image"]):
    def public(self) -> ImageQuerySet:
        return self.filter(owner=None)

    def owned_by(self, account: Account | Parameter) -> ImageQuerySet:
        return self.filter(owner=account)

    def shared_with(self, account: Account | Parameter) -> ImageQuerySet:
        return self.filter(is_received_q(account))

    def visible_to(self, account: Account | Parameter) -> ImageQuerySet:
        return self.filter(Q(owner=account) | Q(owner=None) | is_received_q(account))

    def shared_with_somebody(self) -> ImageQuerySet:
        return self.filter(Exists(ShareGrant.objects.filter(image=OuterRef("pk"))))

    def shared_with_nobody(self) -> ImageQuerySet:
        return self.exclude(Exists(ShareGrant.objects.filter(image=OuterRef("pk"))))

    def in_region(self, code: str | Parameter) -> ImageQuerySet:
        return self.filter(region=code)

    def with_recipient_count(self) -> ImageQuerySet:
        grants = ShareGrant.objects.filter(image=OuterRef("pk")).order_by().values("image")
        count = Subquery(grants.annotate(n=Count("pk")).values("n"))
        return self.annotate(recipient_count=Coalesce(count, 0))

    def with_shared_at(self, account: Account) -> ImageQuerySet:
        grant = ShareGrant.objects.filter(image=OuterRef("pk"), recipient=account)
        return self.annotate(shared_at=Subquery(grant.values("shared_at")))

    def in_status(self, status: str) -> ImageQuerySet:
        return self.filter(in_status_q(status, timezone.now()))

    def settling(self) -> ImageQuerySet:
        return self.filter(settles_at__gt=timezone.now())

    def search(self, text: str) -> ImageQuerySet:
        """Return the images with `text` in the name, or at the start of the ID."""
        return self.filter(Q(name__icontains=text) | Q(image_id__istartswith=text))

    def sorted_by(self, key: str, *, descending: bool) -> ImageQuerySet:
        """Sort by one of the keys of get_sort_keys(). Images that are equal stay sorted by ID."""
        expression = get_sort_keys()[key]
        return self.order_by(expression.desc() if descending else expression.asc(), "image_id")


@Kept
def find_visible(account: Parameter, region: Parameter, image_id: Parameter) -> ImageQuerySet:
    """Return the image of this region, with its owner, if the account can see it."""
    visible = Image.objects.visible_to(account).in_region(region).order_by()
    return visible.filter(image_id=image_id).select_related("owner", "region")


def is_received_q(account: Account | Parameter) -> Q:
    """Return the condition that an image is shared with the account (docs/adr/0015)."""
    grants = ShareGrant.objects.filter(recipient=account).order_by()
    return Q(pk__any=ArraySubquery(grants.values("image")))


def get_sort_keys() -> dict[str, Case | F | Lower]:
    """Return what images can be sorted by. Some keys need an annotation of the queryset."""
    by_label = sorted(Image.Status, key=lambda status: str(status.label))
    now = timezone.now()
    return {
        "name": Lower("name"),
        "status": Case(
            *(When(in_status_q(each, now), then=rank) for rank, each in enumerate(by_label)),
            output_field=models.IntegerField(),
        ),
        "size": F("size_gb"),
        "recipients": F("recipient_count"),
        "created": F("created_at"),
        "owner": Lower("owner__name"),
        "since": F("shared_at"),
    }


class Image(SystemDisk, Settling):
    """A disk image to create instances from. It is public if it has no owner."""

    class Type(models.TextChoices):
        SYSTEM = "System", _("Public Image")
        CUSTOM = "Custom", _("Custom Image")
        INTEGRATION = "Integration", _("Service Integration Image")
        # The type of a custom image for its recipients. Never stored.
        SHARING = "Sharing", _("Shared Image")

    class Status(models.TextChoices):
        CREATING = "Creating", _("Creating")
        COPYING = "Copying", _("Copying")
        CREATED_FAILED = "CreatedFailed", _("Creation failed")
        AVAILABLE = "Available", _("Available")
        NOT_AVAILABLE = "NotAvailable", _("Unavailable")
        ERROR = "Error", _("Error")

    class Failure(models.TextChoices):
        """Why an image failed. The value is stored, the label is the sentence on the pages."""

        SOURCE_GONE = "source-gone", _("The source was deleted before the image was ready.")
        SOURCE_UNREADABLE = "source-unreadable", _("The source's system disk couldn't be read.")
        IMPORT_FORMAT = "import-format", _("The imported file isn't a supported disk format.")
        DATA_LOST = "data-lost", _("The image's data can't be read anymore.")

    image_id = models.CharField(
        _("image ID"), max_length=10, unique=True, default=new_image_id, editable=False
    )
    region = models.ForeignKey(
        "images.Region",
        on_delete=models.PROTECT,
        related_name="images",
        verbose_name=_("region"),
        db_index=False,  # image_region_newest begins with it
    )
    owner = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="images",
        verbose_name=_("owner"),
    )
    type = models.CharField(
        _("type"), max_length=12, choices=[t for t in Type.choices if t[0] != "Sharing"]
    )
    settled_status = models.CharField(
        _("status"),
        max_length=13,
        choices=[s for s in Status.choices if s[0] not in PASSING],
        default=Status.AVAILABLE,
    )
    failure = models.CharField(
        _("reason of the failure"), max_length=20, choices=Failure, blank=True
    )
    name = models.CharField(
        _("name"),
        max_length=65,
        validators=[RegexValidator(NAME_PATTERN, NAME_RULE)],
    )
    desc = models.CharField(_("description"), max_length=DESC_LENGTH, blank=True)
    size_gb = models.PositiveIntegerField(_("size (GB)"), default=20)
    min_disk_gb = models.PositiveIntegerField(_("minimum system disk (GB)"), default=20)
    source = models.CharField(
        _("source"),
        max_length=20,
        blank=True,
        help_text=_("ID of the instance or image it was created from."),
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
            # For the administration
            build_search_index("name", "image_id", name="image_search"),
            models.Index(F("created_at").desc(), "image_id", name="image_newest"),
            models.Index("region", F("created_at").desc(), "image_id", name="image_region_newest"),
            models.Index("name", name="image_name"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(type="Custom", owner__isnull=False)
                | (~Q(type="Custom") & Q(owner__isnull=True)),
                name="image_is_custom_when_owned",
                violation_error_message=_(
                    "A custom image needs an owner. A public image can't have one."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(type="Sharing"), name="image_is_shared_by_grants_alone"
            ),
            models.CheckConstraint(
                condition=~Q(settled_status__in=PASSING), name="image_settles_in_a_final_status"
            ),
            models.CheckConstraint(
                condition=Q(failure="") | Q(settled_status__in=FAILED),
                name="image_failure_only_when_failed",
                violation_error_message=_("Only a failed image has a reason of the failure."),
            ),
            models.CheckConstraint(
                condition=Q(image_id__regex=r"^m-[A-Za-z0-9]{8}$"), name="image_id_has_its_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return url_for("images:detail", self.region_id, self.image_id)

    @property
    def public_id(self) -> str:
        return self.image_id

    @property
    def status_label(self) -> str:
        return str(self.Status(self.status).label)

    @property
    def failure_sentence(self) -> str:
        """Return why the image failed, or "" if it did not fail."""
        if self.status not in FAILED:
            return ""
        return str(self.get_failure_display()) or gettext("No reason was recorded.")

    def type_for(self, account: Account) -> Type:
        """Return the image's type for `account`, which must be able to see the image."""
        if self.owner_id in {None, account.pk}:
            return self.Type(self.type)
        return self.Type.SHARING

    @property
    def audit_target(self) -> Target:
        return Target(
            type="image",
            id=self.image_id,
            name=self.name,
            region=self.region_id,
            owner=self.owner,
        )

    @property
    def full_audit_target(self) -> Target:
        """Return the target of an event that begins or ends the image, with its other values."""
        return replace(self.audit_target, facts={"desc": self.desc, "source": self.source})


class ShareGrantQuerySet(models.QuerySet["ShareGrant"]):
    def count_by_image(self, images: Iterable[Image]) -> dict[int, int]:
        """Return the number of recipients of each image that is shared (by primary key)."""
        rows = self.filter(image__in=images).order_by().values_list("image")
        return dict(rows.annotate(n=Count("pk")))

    def count_by_recipient(self, recipients: Iterable[Account]) -> dict[int, int]:
        """Return the number of images of each account that has received one (by primary key)."""
        rows = self.filter(recipient__in=set(recipients)).order_by().values_list("recipient")
        return dict(rows.annotate(n=Count("pk")))


class ShareGrant(models.Model):
    """The right of one account to use one image."""

    image = models.ForeignKey(
        Image,
        on_delete=models.PROTECT,
        related_name="grants",
        verbose_name=_("image"),
        db_index=False,  # the unique constraint begins with it
    )
    # A copy of image.owner, so that a constraint can refuse a grant to the owner.
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

    objects = ShareGrantQuerySet.as_manager()

    # Set by the view: how many instances the recipient created from the image
    instances: int

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
