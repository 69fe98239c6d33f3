"""Fields that describe a system disk. Instances copy them from their image."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class SystemDisk(models.Model):
    class OsType(models.TextChoices):
        LINUX = "linux", "Linux"
        WINDOWS = "windows", "Windows"

    os_type = models.CharField(_("OS type"), max_length=7, choices=OsType, default=OsType.LINUX)
    os_name = models.CharField(_("OS name"), max_length=40)
    os_version = models.CharField(_("OS version"), max_length=40)
    os_arch = models.CharField(_("architecture"), max_length=20, default="x86_64 (64bit)")
    os_build = models.CharField(_("OS build"), max_length=20, blank=True)
    os_lang = models.CharField(_("OS language"), max_length=3, default="ENG")
    special_version = models.CharField(_("special version"), max_length=40, blank=True)
    encrypted = models.BooleanField(_("encrypted"), default=False)

    class Meta:
        abstract = True

    @property
    def os(self) -> str:
        return f"{self.os_name} {self.os_version}"

    @property
    def system(self) -> dict[str, Any]:
        """Return the fields above, to copy to an image or instance created from this one."""
        return {field: getattr(self, field) for field in SYSTEM_FIELDS}


SYSTEM_FIELDS = tuple(field.name for field in SystemDisk._meta.fields)
