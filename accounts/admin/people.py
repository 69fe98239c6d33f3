from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.forms import ChoiceField, ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .. import people, sessions, time_zones
from ..forms import OperatorPasswordForm, ZoneSelect, get_zone_choices
from ..models import User
from ..permissions import outranks
from .base import record_change
from .invitations import InvitingAdmin

admin.site.unregister(Group)


class GroupsField(ModelMultipleChoiceField):
    """The ready-made groups, in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return gettext(obj.name)


@admin.register(User)
class PersonAdmin(InvitingAdmin, UserAdmin):
    list_display = ("username", "account", "role", "is_staff", "is_active", "date_joined")
    list_select_related = ("account",)
    list_filter = ("role", "is_staff", "is_active", "must_change_password")
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

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        """Let a new person choose a password at first. End the sessions of a deactivated one."""
        if not change:
            obj.must_change_password = obj.has_usable_password()
        super().save_model(request, obj, form, change)
        if obj.is_active:
            people.forget_revocation(obj)
        else:
            sessions.end_all([obj])

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the time zones of this system."""
        if db_field.name == "time_zone":
            choices = get_zone_choices(time_zones.get_browser_zone(request))
            label, widget = db_field.verbose_name, ZoneSelect
            return ChoiceField(label=label, choices=choices, required=False, widget=widget)
        if db_field.name == "groups":
            kwargs["form_class"] = GroupsField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse for a person who has permissions that the operator lacks."""
        is_above = obj is not None and outranks(obj, request.user)
        return not is_above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_above = obj is not None and outranks(obj, request.user)
        return not is_above and super().has_delete_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let only superusers change roles and permissions."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        if request.user.is_superuser:
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
                is_own = person.pk == request.user.pk
                person.must_change_password = person.has_usable_password() and not is_own
                person.save(update_fields=["must_change_password"])
                sessions.end_all([person], keep=request.session.session_key or "")
                record_change(request, person, changes={})
        return response
