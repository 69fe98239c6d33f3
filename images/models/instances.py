"""Instances. No machine boots: they record who created what from which image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Mod
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit import Target
from accounts.kept import Kept, Parameter
from accounts.links import url_for
from accounts.models import Account
from accounts.models.indexes import build_search_index

from .disks import SystemDisk
from .images import Image
from .naming import DESC_LENGTH, NAME_PATTERN, NAME_RULE, new_instance_id
from .settling import Settling, in_status_q

FIRST_ADDRESS = int(IPv4Address("10.0.0.0"))
ADDRESSES = 2**24


def is_ip(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


class InstanceQuerySet(models.QuerySet["Instance"]):
    def live(self) -> InstanceQuerySet:
        """Return the instances that are not released."""
        return self.filter(released_at=None)

    def owned_by(self, account: Account) -> InstanceQuerySet:
        """Return the account's instances that are not released."""
        return self.live().filter(owner=account)

    def in_region(self, code: str) -> InstanceQuerySet:
        return self.filter(region=code)

    def in_status(self, *statuses: str) -> InstanceQuerySet:
        """Return the instances in any of these statuses. An unknown status matches nothing."""
        now = timezone.now()
        has_expired = Q(settles_at__lte=now, expires_at__lte=now)
        condition = Q(pk=None)
        for status in set(statuses) & set(Instance.Status.values):
            if status == Instance.Status.EXPIRED:
                condition |= has_expired
            else:
                condition |= in_status_q(status, now) & ~has_expired
        return self.filter(condition)

    def created_from(self, image: Image) -> InstanceQuerySet:
        return self.filter(image_id=image.image_id)

    def with_address(self, addresses: Iterable[str]) -> InstanceQuerySet:
        """Return the instances with one of these internal IP addresses."""
        numbers = [int(IPv4Address(text)) - FIRST_ADDRESS for text in addresses if is_ip(text)]
        return self.annotate(number=Mod("pk", ADDRESSES)).filter(number__in=numbers)

    def search(self, text: str) -> InstanceQuerySet:
        """Return the instances with `text` in the name, or at the start of the ID or image ID."""
        return self.filter(
            Q(name__icontains=text)
            | Q(instance_id__istartswith=text)
            | Q(image_id__istartswith=text)
        )

    def with_image_still_there(self, account: Account) -> InstanceQuerySet:
        """Add `image_is_there`: True if `account` can still see the image."""
        image = Image.objects.visible_to(account).filter(image_id=OuterRef("image_id"))
        return self.annotate(image_is_there=Exists(image))

    def count_by_image(self, image_ids: Iterable[str]) -> dict[str, int]:
        """Return the number of instances created from each image (by ID)."""
        rows = self.filter(image_id__in=set(image_ids)).order_by().values_list("image_id")
        return dict(rows.annotate(n=Count("pk")))


class Instance(SystemDisk, Settling):
    """An instance of an account. It stores its image as text, which outlives the image."""

    class Status(models.TextChoices):
        STARTING = "Starting", _("Starting")
        RUNNING = "Running", _("Running")
        STOPPING = "Stopping", _("Stopping")
        STOPPED = "Stopped", _("Stopped")
        IMAGE_PROCESSING = "ImageProcessing", _("Creating image")
        EXPIRED = "Expired", _("Expired")

    instance_id = models.CharField(
        _("instance ID"), max_length=10, unique=True, default=new_instance_id, editable=False
    )
    region = models.ForeignKey(
        "images.Region",
        on_delete=models.PROTECT,
        related_name="instances",
        db_index=False,  # instance_region_newest begins with it
        verbose_name=_("region"),
    )
    owner = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="instances", verbose_name=_("owner")
    )
    zone_name = models.CharField(_("zone"), max_length=16)
    name = models.CharField(
        _("name"), max_length=65, validators=[RegexValidator(NAME_PATTERN, NAME_RULE)]
    )
    desc = models.CharField(_("description"), max_length=DESC_LENGTH, blank=True)
    settled_status = models.CharField(
        _("status"),
        max_length=15,
        choices=[s for s in Status.choices if s[0] in {"Running", "Stopped"}],
        default=Status.RUNNING,
    )
    spec = models.CharField(_("instance type"), max_length=20)
    cpu_count = models.PositiveSmallIntegerField(_("CPU cores"))
    memory_gb = models.PositiveSmallIntegerField(_("memory (GB)"))
    system_disk_gb = models.PositiveIntegerField(_("system disk (GB)"))
    image_id = models.CharField(_("image ID"), max_length=10)
    image_name = models.CharField(_("image name"), max_length=65)
    image_type = models.CharField(_("image type"), max_length=12, choices=Image.Type)
    keeps_image_login = models.BooleanField(_("keeps the image's login"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True, editable=False)

    objects = InstanceQuerySet.as_manager()

    # Set by with_image_still_there()
    image_is_there: bool

    class Meta:
        verbose_name = _("instance")
        verbose_name_plural = _("instances")
        ordering = ("-created_at", "pk")
        indexes: ClassVar = [
            models.Index(
                "region",
                "owner",
                F("created_at").desc(),
                "id",
                name="instance_region_owner",
                condition=Q(released_at=None),
            ),
            models.Index("image_id", "owner", name="instance_image", condition=Q(released_at=None)),
            # For the administration
            build_search_index(
                "name", "instance_id", "image_id", "image_name", name="instance_search"
            ),
            models.Index(F("created_at").desc(), "id", name="instance_newest"),
            models.Index("region", F("created_at").desc(), "id", name="instance_region_newest"),
            models.Index(
                F("created_at").desc(),
                "id",
                name="instance_live",
                condition=Q(released_at__isnull=True),
            ),
            models.Index(
                F("created_at").desc(),
                "id",
                name="instance_released",
                condition=Q(released_at__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(settled_status__in=("Running", "Stopped")),
                name="instance_settles_in_a_final_status",
            ),
            models.CheckConstraint(
                condition=Q(instance_id__regex=r"^i-[A-Za-z0-9]{8}$"),
                name="instance_id_has_its_form",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return url_for("instances:detail", self.region_id, self.instance_id)

    @property
    def public_id(self) -> str:
        return self.instance_id

    @property
    def status(self) -> str:
        """Return the current status. A settled prepaid instance expires at `expires_at`."""
        status = super().status
        has_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.Status.EXPIRED if has_expired and not self.is_settling else status

    @property
    def status_label(self) -> str:
        return str(self.Status(self.status).label)

    @property
    def is_being_created(self) -> bool:
        return self.is_settling and self.passing_since == self.created_at

    @property
    def internal_ip(self) -> str:
        """Return an address from the primary key. It repeats after 16 million instances."""
        return str(IPv4Address(FIRST_ADDRESS + self.pk % ADDRESSES))

    @property
    def audit_target(self) -> Target:
        return Target(
            type="instance",
            id=self.instance_id,
            name=self.name,
            region=self.region_id,
            owner=self.owner,
        )

    @property
    def full_audit_target(self) -> Target:
        """Return the target of an event that begins or ends the instance, with its other values."""
        facts = {
            "image": self.image_id,
            "spec": self.spec,
            "zone": self.zone_name,
            "systemDiskGb": self.system_disk_gb,
            "keepsImageLogin": self.keeps_image_login,
            "expiresAt": self.expires_at and self.expires_at.isoformat(),
            "status": self.status,
        }
        return replace(self.audit_target, facts=facts)


@Kept
def count_by_owner(image_id: Parameter, owners: Parameter) -> QuerySet[Instance, tuple[int, int]]:
    """Return the number of live instances of an image that each of these accounts has."""
    instances = Instance.objects.live().filter(image_id=image_id, owner__pk__any=owners)
    return instances.order_by().values_list("owner").annotate(n=Count("pk"))


def count_by_status(owner: Account, region: str) -> dict[str, int]:
    """Return the number of instances in each status that occurs, in the order of Status."""
    rows = dict(count_statuses(owner=owner.pk, region=region, now=timezone.now()))
    return {status: rows[status] for status in Instance.Status.values if status in rows}


@Kept
def count_statuses(
    owner: Parameter, region: Parameter, now: Parameter
) -> QuerySet[Instance, tuple[str, int]]:
    status = Case(
        When(settles_at__gt=now, then=F("passing_status")),
        When(expires_at__lte=now, then=Value(Instance.Status.EXPIRED)),
        default=F("settled_status"),
    )
    instances = Instance.objects.live().filter(owner=owner, region=region)
    return instances.order_by().values_list(status).annotate(n=Count("pk"))
