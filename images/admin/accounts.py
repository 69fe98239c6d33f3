from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.departments import DepartmentAdmin
from accounts.models import Account
from accounts.wording import join_sentences

from .. import holdings, quotas, usage
from ..closing import find_closings
from ..models import ShareGrant
from . import closing, tables
from .filters import NearLimitFilter, PeopleFilter


class ClosedFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "closed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("no", _("Open")), ("yes", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:  # noqa: ARG002
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "no")


ZERO = {
    "custom_image_limit": _("0 means that the account can't create images."),
    "recipient_limit": _("0 means that the account can't share images."),
    "received_image_limit": _("0 means that nobody can share an image with the account."),
}


def describe_limit(field: str, used: int | None) -> str:
    default = gettext("Leave blank for the default (%(limit)d).") % {
        "limit": quotas.DEFAULTS[field]
    }
    texts = [default, str(ZERO[field])]
    if used is not None:
        texts.append(gettext("In use: %(used)d.") % {"used": used})
    return functools.reduce(join_sentences, texts)


@admin.register(Account)
class AccountAdmin(DepartmentAdmin):
    """Accounts. The page of one shows all that it has; it is closed rather than deleted."""

    list_display = ("name", "account_id", "uc_account", "received", "created_at", "closed_at")
    list_filter = (ClosedFilter, PeopleFilter, NearLimitFilter)
    sortable_by = ("name", "account_id", "uc_account", "created_at")
    search_fields = ("name", "uc_account", "account_id")
    readonly_fields: ClassVar = ["created_at", "closed_at"]
    change_form_template = "admin/accounts/account/change_form.html"
    fieldsets = (
        (None, {"fields": ("name", "uc_account", "account_id", "created_at", "closed_at")}),
        (_("Limits"), {"fields": (*quotas.DEFAULTS, "limits_reason", "limits_until")}),
    )

    def complete(self, rows: Sequence[Any]) -> None:
        counts = ShareGrant.objects.count_by_recipient(rows)
        for account in rows:
            account.received_count = counts.get(account.pk, 0)

    @admin.display(description=_("received images"))
    def received(self, account: Any) -> str:
        return tables.say_use(account.received_count, quotas.get_received_limit(account))

    def get_form(
        self,
        request: HttpRequest,
        obj: Account | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[ModelForm]:
        """Say beside each limit what is used, and what a blank field and 0 mean."""
        form = super().get_form(request, obj, change=change, **kwargs)
        used = usage.find_most_used(obj) if obj else {}
        for name in quotas.DEFAULTS.keys() & form.base_fields.keys():
            form.base_fields[name].help_text = describe_limit(name, used.get(name))
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the ID of an existing account: programs and people elsewhere have stored it."""
        fixed = ["account_id"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("close/", closing.close, "close"),
            ("reopen/", closing.reopen, "reopen"),
            ("closing/<int:event>/", closing.report, "closing"),
        )
        own = [
            path(
                f"<path:object_id>/{end}",
                self.admin_site.admin_view(functools.partial(view, self)),
                name=f"accounts_account_{name}",
            )
            for end, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        account = self.get_object(request, unquote(object_id))
        context = self.describe(account) if account else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def describe(self, account: Account) -> dict[str, Any]:
        """Return what the page of the account shows below its form."""
        held = holdings.find(account)
        refusal = holdings.against_deleting(account)
        found = [
            tables.list_people(held),
            tables.list_keys(held.keys),
            tables.list_limits(held),
            tables.list_given(held.given),
            tables.list_received(held.received),
            tables.list_dependants(holdings.find_dependants(account)),
            tables.list_instances(held.instances),
            tables.list_closings(find_closings(account), account),
        ]
        shown = [table for table in found if table.rows]
        return {"tables": shown, "undeletable": refusal, "show_delete": refusal is None}

    @transaction.atomic
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what refers to the account, instead of Django's list of what is missing to delete."""
        account = self.get_object(request, unquote(object_id))
        if account and request.method == "POST":  # shares that are being added are waited for
            Account.objects.select_for_update().filter(pk=account.pk).first()
        refusal = holdings.against_deleting(account) if account else None
        if account and refusal and self.has_delete_permission(request, account):
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:accounts_account_change", account.pk)
        return super().delete_view(request, object_id, extra_context)
