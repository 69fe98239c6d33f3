from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.admin.base import AuditedAdmin

from ..models import Region
from .instances import INSTANCES
from .share_grants import IMAGES


@admin.register(Region)
class RegionAdmin(AuditedAdmin):
    list_display = ("code", "name_en", "name_zh", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("code",) if obj else ()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what is in the region, instead of Django's list of what is missing to delete."""
        region = self.get_object(request, unquote(object_id))
        if region and self.has_delete_permission(request, region):
            facts = {
                "region": region,
                "images": IMAGES % {"number": region.images.count()},
                "instances": INSTANCES % {"number": region.instances.count()},
            }
            if region.images.exists() or region.instances.exists():
                sentence = _(
                    "%(region)s can't be deleted: it has %(images)s and %(instances)s, released "
                    "ones included."
                )
                self.message_user(request, sentence % facts, messages.ERROR)
                return redirect("admin:images_region_change", region.pk)
        return super().delete_view(request, object_id, extra_context)
