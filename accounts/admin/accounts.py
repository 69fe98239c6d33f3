from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from ..models import Account
from .base import AuditedAdmin


@admin.register(Account)
class AccountAdmin(AuditedAdmin):
    default_limits: ClassVar = {
        "custom_image_limit": settings.MAX_CUSTOM_IMAGES_PER_REGION,
        "recipient_limit": settings.MAX_RECIPIENTS_PER_IMAGE,
        "received_image_limit": settings.MAX_RECEIVED_IMAGES,
    }
    list_display = ("name", "account_id", "uc_account", "created_at")
    search_fields = ("name", "uc_account", "account_id")
    readonly_fields: ClassVar = ["created_at"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Say which limit a blank field means. The number is a setting, so no migration has it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        limit = self.default_limits.get(db_field.name)
        if field and limit:
            field.help_text = gettext("Leave blank for the default (%(limit)d).") % {"limit": limit}
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the ID of an existing account: programs and people elsewhere have stored it."""
        fixed = ["account_id"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]
