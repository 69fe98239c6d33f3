from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .. import audit
from ..activity import get_action
from ..actors import Channel
from ..models import AuditEvent
from .base import ReadOnlyAdmin


class ChoicesFilter(admin.SimpleListFilter):
    """Filter a field without choices by the labels of an enumeration."""

    parameter_name: str
    enumeration: type[audit.Verb | Channel]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return list(self.enumeration.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value()
        return queryset.filter(**{self.parameter_name: value}) if value else queryset


class VerbFilter(ChoicesFilter):
    title = _("action")
    parameter_name = "verb"
    enumeration = audit.Verb


class ChannelFilter(ChoicesFilter):
    title = _("channel")
    parameter_name = "channel"
    enumeration = Channel


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "outcome", "reason", "actor_account", "actor", "target_name")
    list_filter = ("outcome", ChannelFilter, VerbFilter)
    search_fields = ("target_id", "actor", "actor_account", "request_id")
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description=_("action"), ordering="verb")
    def action(self, event: AuditEvent) -> str:
        return get_action(event)
