from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.base import AuditedAdmin

from ..models import Region


@admin.register(Region)
class RegionAdmin(AuditedAdmin):
    list_display = ("code", "name_en", "name_zh", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("code",) if obj else ()
