from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from .. import audit
from ..actors import Actor
from ..http import ConsoleRequest
from ..models import Account
from . import stale


def get_operator(request: HttpRequest) -> Actor:
    return cast("ConsoleRequest", request).actor


class ReadOnlyAdmin(admin.ModelAdmin):
    """An admin without add, change and delete: only domain verbs change its objects."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    has_delete_permission = has_change_permission

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse forged keys of an action, for which Django fails."""
        if not all(map(str.isdecimal, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest
        return super().changelist_view(request, extra_context)


class FoundSelect(AutocompleteSelect):
    """Django's widget, which fails to show a forged value again."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        groups: list[Any] = super().optgroups(name, list(filter(str.isdecimal, value)), attr)
        return groups


class AuditedAdmin(admin.ModelAdmin):
    """An admin that audits each addition, change and removal in the same transaction.

    It has no bulk deletion, because Django's action for that has no transaction. A change is
    refused if somebody else changed the same object since the form was opened (stale.py).
    """

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return stale.check(form, get_target) if change else form

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = FoundSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        return {name: value for name, value in actions.items() if name != "delete_selected"}

    def save_model(
        self,
        request: HttpRequest,
        obj: Model,
        form: ModelForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            audit.record(get_operator(request), audit.Verb.ADD, target=get_target(obj))
        elif form.changed_data:
            record_change(request, obj, changes=get_changes(form))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            audit.record(get_operator(request), audit.Verb.REMOVE, target=get_target(obj))
        return super().log_deletions(request, queryset)


def record_change(request: HttpRequest, obj: Model, **detail: Any) -> None:
    audit.record(get_operator(request), audit.Verb.CHANGE, target=get_target(obj), **detail)


def get_changes(form: ModelForm) -> dict[str, dict[str, str]]:
    """Return the values of changed fields, before and after, without passwords."""
    return {
        name: {"before": str(form.initial.get(name, "")), "after": str(form.cleaned_data[name])}
        for name in form.changed_data
        if "password" not in name
    }


def get_target(obj: Model) -> audit.Target:
    if hasattr(obj, "audit_target"):
        target: audit.Target = obj.audit_target
        return target
    return audit.Target(
        type=obj._meta.model_name or "",
        id=obj.account_id if isinstance(obj, Account) else str(obj.pk),
        name=str(obj)[:150],
        owner=obj if isinstance(obj, Account) else getattr(obj, "account", None),
    )
