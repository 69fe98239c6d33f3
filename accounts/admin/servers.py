from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ..models import Server
from .base import ReadOnlyAdmin


@admin.register(Server)
class ServerAdmin(ReadOnlyAdmin):
    fields = list_display = ("host", "address", "version", "state", "started_at", "seen_at")

    @admin.display(description=_("status"))
    def state(self, server: Server) -> str:
        if server.is_missing:
            return format_html('<span class="status bad">{}</span>', _("Not responding"))
        return format_html('<span class="status good">{}</span>', _("Running"))
