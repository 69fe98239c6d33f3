"""Regions, and how many images an account has in each."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.wording import pick_translation

from .images import Image, ImageQuerySet


class RegionQuerySet(models.QuerySet["Region"]):
    def with_image_counts(self, account: Account) -> RegionQuerySet:
        """Add `custom`, `shared` and `public`: numbers of images that `account` sees there."""
        return self.annotate(
            custom=count_by_region(Image.objects.owned_by(account)),
            shared=count_by_region(Image.objects.shared_with(account)),
            public=count_by_region(Image.objects.public()),
        )


def count_by_region(images: ImageQuerySet) -> Combinable:
    rows = images.order_by().filter(region=OuterRef("pk")).values("region")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def get_zones(region_code: str) -> list[str]:
    """Return the names of a region's zones, as BCC writes them."""
    return [f"cn-{region_code}-{letter}" for letter in "abc"]


class Region(models.Model):
    """A region. Images of one region can't be used in another."""

    code = models.CharField(
        _("code"),
        max_length=8,
        primary_key=True,
        validators=[RegexValidator(r"^[a-z]{2,3}\Z", _("Use 2 or 3 lower-case letters."))],
    )
    name_en = models.CharField(_("English name"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("sort order"), default=0)

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
        return pick_translation(self.names)

    @property
    def names(self) -> dict[str, str]:
        """Return the name in each of settings.LANGUAGES."""
        return {"en": self.name_en, "zh-hans": self.name_zh}
