from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ChoiceField, ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .. import people, time_zones
from ..actors import Actor
from ..forms import OperatorPasswordForm, ZoneSelect, get_zone_choices
from ..models import User
from .base import get_operator, mark_errors
from .invitations import InvitingAdmin

admin.site.unregister(Group)


class GroupsField(ModelMultipleChoiceField):
    """The ready-made groups, in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return gettext(obj.name)


class RoleFilter(admin.ChoicesFieldListFilter):
    """Filter by role. People without an account have none, as the list shows."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        if self.used_parameters:
            queryset = queryset.filter(account__isnull=False)
        return super().queryset(request, queryset)


@admin.register(User)
class PersonAdmin(InvitingAdmin, UserAdmin):
    list_display = ("username", "account", "get_role", "is_staff", "is_active", "date_joined")
    list_select_related = ("account",)
    sortable_by = ("username", "date_joined")
    list_filter = (("role", RoleFilter), "is_staff", "is_active", "must_change_password")
    search_fields = (
        "username",
        "account__name",
        "account__uc_account",
        "account__account_id",
    )
    autocomplete_fields = ("account",)
    change_form_template = "admin/accounts/user/change_form.html"
    fieldsets = (
        (None, {"fields": ("username", "password", "account", "role", "time_zone")}),
        (
            _("Sign-in"),
            {"fields": ("is_active", "must_change_password", "is_staff", "is_superuser")},
        ),
        (_("Permissions"), {"fields": ("groups", "user_permissions")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "account",
                    "role",
                    "is_staff",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )
    change_password_form = OperatorPasswordForm
    filter_horizontal = ("groups", "user_permissions")

    changed_by_verbs = ("account", "role", "is_active")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        if not change:
            add(obj, get_operator(request))
            return
        if obj.account is None:  # which the database accepts for staff only
            obj.save(update_fields=["is_staff"])
        change_by_verbs(request, obj, form)
        super().save_model(request, obj, form, change)

    @admin.display(description=_("role"))
    def get_role(self, person: User) -> str:
        return str(person.get_role_display()) if person.account else "–"

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[ModelForm]:
        """Require an account of all but operators, where the form can't make the person one.

        Say what a move ends.
        """
        form = super().get_form(request, obj, change=change, **kwargs)
        is_other = obj is None or not obj.is_staff
        if is_other and "account" in form.base_fields and "is_staff" not in form.base_fields:
            form.base_fields["account"].required = True
        if obj and "account" in form.base_fields:
            form.base_fields["account"].help_text = _(
                "Another account ends this person's sessions and deletes their access keys."
            )
        return form

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the time zones of this system."""
        if db_field.name == "time_zone":
            choices = get_zone_choices(time_zones.get_browser_zone(request))
            label, widget = capfirst(db_field.verbose_name), ZoneSelect
            return ChoiceField(label=label, choices=choices, required=False, widget=widget)
        if db_field.name == "groups":
            kwargs["form_class"] = GroupsField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse for a person who has permissions that the operator lacks."""
        return may_manage(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_manage(request, obj) and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let only superusers change roles and permissions."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        if people.against_permitting(get_operator(request)) is None:
            return fixed
        return (*fixed, "is_staff", "is_superuser", "groups", "user_permissions")

    @transaction.atomic
    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's name
        form_url: str = "",
    ) -> HttpResponse:
        """Record the change, and let the person choose another password at the next sign-in.

        Django also redirects when it stores nothing.
        """
        person = self.get_object(request, unquote(id))
        response = super().user_change_password(request, id, form_url)
        if person is not None:
            before = person.password
            person.refresh_from_db(fields=["password"])
            if person.password != before:
                by, keep = get_operator(request), request.session.session_key or ""
                people.finish_password(person=person, by=by, keep=keep)
        return mark_errors(request, response)


def add(new: User, by: Actor) -> None:
    """Add the person. A password that the form has set is recorded, and must be changed."""
    person = people.add(
        account=new.account,
        username=new.username,
        role=new.role,
        is_staff=new.is_staff,
        by=by,
    )
    new.pk = person.pk
    if new.has_usable_password():
        person.password = new.password
        person.save(update_fields=["password"])
        people.finish_password(person=person, by=by)


def change_by_verbs(request: HttpRequest, changed: User, form: ModelForm) -> None:
    by, names = get_operator(request), form.changed_data
    person = User.objects.get(pk=changed.pk)
    if "account" in names:
        keep = request.session.session_key or ""
        person = people.move(person=person, to=changed.account, by=by, keep=keep)
    if "role" in names:
        person = people.change_role(person=person, role=changed.role, by=by)
    if "is_active" in names:
        verb = people.reactivate if changed.is_active else people.deactivate
        verb(person=person, by=by)


def may_manage(request: HttpRequest, person: User | None) -> bool:
    return person is None or people.against_managing(person, get_operator(request)) is None
