"""Regions, and how many images an account has in each."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.query import RawQuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.wording import pick_translation

# Plain SQL, because every page runs it: building it from querysets took a tenth of a small page.
WITH_IMAGE_COUNTS = """
SELECT region.*, coalesce(own.n, 0) AS custom, coalesce(held.n, 0) AS shared,
    coalesce(open.n, 0) AS public
FROM images_region AS region
LEFT JOIN (
    SELECT region_id, count(*) AS n FROM images_image WHERE owner_id = %(account)s GROUP BY 1
) AS own ON own.region_id = region.code
LEFT JOIN (
    SELECT region_id, count(*) AS n FROM images_image AS image
    JOIN images_sharegrant AS held ON held.image_id = image.id
    WHERE held.recipient_id = %(account)s GROUP BY 1
) AS held ON held.region_id = region.code
LEFT JOIN (
    SELECT region_id, count(*) AS n FROM images_image WHERE owner_id IS NULL GROUP BY 1
) AS open ON open.region_id = region.code
ORDER BY region.position, region.code
"""


class RegionQuerySet(models.QuerySet["Region"]):
    def with_image_counts(self, account: Account) -> RawQuerySet[Region]:
        """Return all, each with how many `custom`, `shared` and `public` images it shows."""
        return self.raw(WITH_IMAGE_COUNTS, {"account": account.pk})


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
