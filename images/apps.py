from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from .converters import ImageIdConverter, InstanceIdConverter, RegionConverter
from .regions import restore_regions


class ImagesConfig(AppConfig):
    name = "images"
    verbose_name = _("Images")

    def ready(self) -> None:
        from accounts import housekeeping  # noqa: PLC0415 - it needs the models

        from . import usage  # noqa: PLC0415

        housekeeping.others.append(lambda: housekeeping.Job(usage.look, 60))
        register_converter(ImageIdConverter, "image_id")
        register_converter(InstanceIdConverter, "instance_id")
        register_converter(RegionConverter, "region")
        post_migrate.connect(restore_regions, sender=self)
