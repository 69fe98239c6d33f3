from __future__ import annotations

from typing import Any, cast

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from .. import audit, exports
from ..activity import Activity, get_action, get_reason, get_recipients, read_event
from ..actors import Channel
from ..exceptions import Refused, describe
from ..http import ConsoleRequest
from ..models import AuditEvent, AuditEventQuerySet
from ..wording import get_label, join_names
from .base import ReadOnlyAdmin, get_operator
from .filters import ChoicesFilter, PeriodFilter, RecipientFilter, RecipientForm
from .lists import find_together, sort_few

# Maximum number of events in one export, newest first
MAX_EXPORTED = 100_000
# The lists in which a target is found by its ID
LISTS = {
    "image": "admin:images_image_changelist",
    "instance": "admin:images_instance_changelist",
    "account": "admin:accounts_account_changelist",
    "access-key": "admin:accounts_accesskey_changelist",
}
# Facts that the page of an event shows in words
SHOWN = {"recipients", "acknowledged", "changes", "verdicts", "repeated"}


class VerbFilter(ChoicesFilter):
    title = _("action")
    parameter_name = "verb"
    enumeration = audit.Verb


class ChannelFilter(ChoicesFilter):
    title = _("channel")
    parameter_name = "channel"
    enumeration = Channel


class ReasonFilter(admin.SimpleListFilter):
    """The reason of a refusal, in words."""

    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        # The others are about requests of programs: not translated, and not in the trail.
        recorded = (
            c for c, refusal in Refused.by_code.items() if type(refusal.sentence) is not str
        )
        return sorted(((code, describe(code)) for code in recorded), key=lambda row: row[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(reason=self.value()) if self.value() else queryset


class RiskNoticeFilter(admin.SimpleListFilter):
    """The shares for which nobody confirmed the risk notice, such as those by the API."""

    title = _("risk notice")
    parameter_name = "acknowledged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("no", _("Shared without confirmation"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        return queryset.unacknowledged() if self.value() == "no" else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "result", "target", "note", "by", "channel_label")
    list_filter = (
        PeriodFilter,
        VerbFilter,
        "outcome",
        ReasonFilter,
        RecipientFilter,
        ChannelFilter,
        RiskNoticeFilter,
    )
    # get_search_results searches. The field only makes Django show the box.
    search_fields = ("target_name",)
    search_help_text = _(
        "Name or ID of an image or instance, person, account (Baidu account, cloud account or "
        "user ID), access key ID or request ID."
    )
    list_per_page = 50
    sortable_by = ("at",)

    @admin.display(description=_("action"))
    def action(self, event: AuditEvent) -> str:
        return get_action(event)

    @admin.display(description=_("result"))
    def result(self, event: AuditEvent) -> str:
        kind = "bad" if event.outcome == AuditEvent.Outcome.REFUSED else "good"
        return format_html(
            '<span class="status {}">{}</span>', kind, get_label(AuditEvent.Outcome, event.outcome)
        )

    @admin.display(description=_("resource"))
    def target(self, event: AuditEvent) -> str:
        return format_html(
            "{} <small>{}</small>",
            event.target_name,
            event.target_id if event.target_type in LISTS else "",
        )

    @admin.display(description=_("recipients or reason"))
    def note(self, event: AuditEvent) -> str:
        """Return who received or lost something, or why the action was refused."""
        if event.reason:
            return get_reason(event)
        return join_names([recipient.name for recipient in get_recipients(event)])

    @admin.display(description=_("actor"))
    def by(self, event: AuditEvent) -> str:
        if not event.actor_account or event.actor_account == event.actor:
            return event.actor
        return format_html("{} <small>{}</small>", event.actor, event.actor_account)

    @admin.display(description=_("channel"))
    def channel_label(self, event: AuditEvent) -> str:
        return get_label(Channel, event.channel)

    def get_history_term(self, obj: AuditEvent) -> str:
        return obj.request_id

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[AuditEventQuerySet, bool]:
        form = RecipientForm(request.GET)
        if form.is_valid() and form.cleaned_data["recipient"]:
            received = queryset.received_as(form.cleaned_data["recipient"])
            queryset = find_together([received], request, like=queryset)
        if text := search_term.strip():
            few, who, named = queryset.matching(text)
            arms = [few, sort_few(who), sort_few(named)]
            queryset = find_together(arms, request, like=queryset)
        return queryset, False

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        paths = [
            path(f"export/{kind}/", export, {"kind": kind}, name=f"accounts_auditevent_{kind}")
            for kind in exports.FORMATS
        ]
        return [*paths, *super().get_urls()]

    def export_view(self, request: ConsoleRequest, kind: str) -> FileResponse:
        """Return what the list shows with this query, all its pages, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.longest_list = MAX_EXPORTED  # type: ignore[attr-defined]
        events = cast("AuditEventQuerySet", self.get_changelist_instance(request).queryset)
        by = get_operator(request)
        response = exports.export(events, kind, reader=None, limit=MAX_EXPORTED, by=by)
        exports.record(by, kind, request.GET)
        return response

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = (extra_context or {}) | {"export_limit": MAX_EXPORTED}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the facts in words."""
        event: AuditEvent | None = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if event:
            activity = read_event(event, reader=None)
            context |= {
                "activity": activity,
                "target_url": get_target_url(activity),
                "changes": read_changes(event),
                "facts": [
                    (name, value) for name, value in event.detail.items() if name not in SHOWN
                ],
                "title": activity.action,
                "subtitle": None,
            }
        return super().change_view(request, object_id, form_url, context)


def get_target_url(activity: Activity) -> str:
    """Return the address of the list that finds the target, or "" if there is none."""
    name = LISTS.get(activity.target_type)
    return f"{reverse(name)}?q={activity.target_id}" if name and activity.target_id else ""


def read_changes(event: AuditEvent) -> list[tuple[str, str, str]]:
    """Return the label of each changed field, and its values before and after."""
    labels = get_labels(event.target_type)
    return [
        (labels.get(name, name), change["before"], change["after"])
        for name, change in event.detail.get("changes", {}).items()
    ]


def get_labels(target_type: str) -> dict[str, str]:
    """Return the labels of the fields of the model that a target has."""
    models = {model._meta.model_name: model for model in apps.get_models()}
    model = models.get(target_type)
    fields = model._meta.get_fields() if model else []
    return {field.name: str(getattr(field, "verbose_name", field.name)) for field in fields}
