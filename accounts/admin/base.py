from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model
from django.forms import ModelChoiceField, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from .. import audit, changes
from ..actors import Actor
from ..exceptions import Refused
from ..forms import add_refusal
from ..http import ConsoleRequest
from ..models import Account
from . import stale
from .lists import BoundedAdmin


def get_operator(request: HttpRequest) -> Actor:
    return cast("ConsoleRequest", request).actor


def mark_errors(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give a form that is shown again the status that every form with errors has."""
    if request.method == "POST" and response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return response


class TracedAdmin(BoundedAdmin):
    """An admin whose objects have their history in the audit trail instead of Django's log."""

    def get_history_term(self, obj: Any) -> str:
        """Return what to search the audit trail for."""
        target = get_target(obj)
        return target.name if target.id.isdecimal() else target.id

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        trail = reverse("admin:accounts_auditevent_changelist")
        return redirect(f"{trail}?{urlencode({'q': self.get_history_term(obj)})}")


class ReadOnlyAdmin(TracedAdmin):
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


class RefusedForm(ModelForm):
    """A form that shows what a verb refused when it was saved."""

    refusal: ClassVar[Refused]

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        if not add_refusal(self, self.refusal):
            self.add_error(None, str(self.refusal))
        return self.cleaned_data


class AuditedAdmin(TracedAdmin):
    """An admin that audits each addition, change and removal in the same transaction.

    It has no bulk deletion, because Django's action for that has no transaction. A change is
    refused if somebody else changed the same object since the form was opened (stale.py).
    """

    # The fields that verbs change, each with an event of its own
    changed_by_verbs: Collection[str] = ()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form again if it has errors or a verb refuses. Nothing is saved then."""
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST":
            return view()
        try:
            with audit.all_or_none():
                return mark_errors(request, view())
        except Refused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return mark_errors(request, view())

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        if change:
            form = stale.check(form, get_target)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (RefusedForm, form), {"refusal": refusal}) if refusal else form

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
            record(request, audit.Verb.ADD, obj, changes.added(obj))
        elif changed := get_changes(form, left_out=self.changed_by_verbs):
            record(request, audit.Verb.CHANGE, obj, changed)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            record(request, audit.Verb.REMOVE, obj, changes.removed(obj))
        return super().log_deletions(request, queryset)


def record(request: HttpRequest, verb: audit.Verb, obj: Model, changed: changes.Changes) -> None:
    audit.record(get_operator(request), verb, target=get_target(obj), changes=changed)


def get_changes(form: ModelForm, *, left_out: Collection[str]) -> changes.Changes:
    """Return the values of changed fields, before and after, without the password."""
    names = [name for name in form.changed_data if name not in {"password", *left_out}]
    before = {name: get_initial(form, name) for name in names}
    return changes.compare(before, {name: form.cleaned_data[name] for name in names})


def get_initial(form: ModelForm, name: str) -> Any:
    """Return the value that the form began with: a row where the form has its primary key."""
    value, field = form.initial.get(name), form.fields[name]
    if isinstance(field, ModelChoiceField) and not isinstance(value, list):
        return field.to_python(value)
    return value


def get_target(obj: Model) -> audit.Target:
    if hasattr(obj, "audit_target"):
        target: audit.Target = obj.audit_target
        return target
    if isinstance(obj, Account):
        return audit.build_account_target(obj)
    return audit.Target(
        type=obj._meta.model_name or "",
        id=str(obj.pk),
        name=str(obj)[:150],
        owner=getattr(obj, "account", None),
    )
