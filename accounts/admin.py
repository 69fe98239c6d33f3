from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import audit, keys, time_zones
from .activity import get_action
from .actors import Actor, Channel
from .exceptions import Refused
from .forms import ZoneSelect, get_zone_choices
from .http import ConsoleRequest
from .models import AccessKey, Account, AuditEvent, User
from .wording import LazyText

admin.site.unregister(Group)


def get_operator(request: HttpRequest) -> Actor:
    return cast("ConsoleRequest", request).actor


class ReadOnlyAdmin(admin.ModelAdmin):
    """An admin without add, change and delete: only domain verbs change its objects."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    has_delete_permission = has_change_permission


class AuditedAdmin(admin.ModelAdmin):
    """An admin that audits each addition, change and removal in the same transaction.

    It has no bulk deletion, because Django's action for that has no transaction.
    """

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


@admin.register(User)
class PersonAdmin(AuditedAdmin, UserAdmin):
    list_display = ("username", "account", "is_staff", "is_active", "date_joined")
    list_select_related = ("account",)
    list_filter = ("is_staff", "is_active")
    search_fields = ("username", "account__name", "account__account_id")
    autocomplete_fields = ("account",)
    fieldsets = (
        (None, {"fields": ("username", "password", "account", "time_zone")}),
        (_("Sign-in and roles"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Permissions"), {"fields": ("user_permissions",)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "account",
                    "is_staff",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )
    filter_horizontal = ("user_permissions",)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer the time zones of this system."""
        if db_field.name == "time_zone":
            choices = get_zone_choices(time_zones.get_browser_zone(request))
            label, widget = db_field.verbose_name, ZoneSelect
            return ChoiceField(label=label, choices=choices, required=False, widget=widget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only superusers change a superuser."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let only superusers change roles and permissions."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        if request.user.is_superuser:
            return fixed
        return (*fixed, "is_staff", "is_superuser", "user_permissions")

    @transaction.atomic
    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's name
        form_url: str = "",
    ) -> HttpResponse:
        """Record the change. Django also redirects when it stores nothing."""
        person = self.get_object(request, unquote(id))
        response = super().user_change_password(request, id, form_url)
        if person is not None:
            before = person.password
            person.refresh_from_db(fields=["password"])
            if person.password != before:
                record_change(request, person, changes={})
        return response


@admin.register(AccessKey)
class AccessKeyAdmin(ReadOnlyAdmin):
    """Keys without their secrets. Operators can disable and delete, but not create or enable."""

    fields = ("key_id", "user", "description", "is_active", "created_at", "last_used_at")
    list_display = ("key_id", "user", "account", *fields[2:])
    list_filter = ("is_active",)
    list_select_related = ("user__account",)
    search_fields = ("key_id", "description", "user__username", "user__account__name")
    actions = ("disable", "delete")

    @admin.display(description=_("account"), ordering="user__account")
    def account(self, key: AccessKey) -> Account | None:
        return key.user.account

    @admin.action(description=_("Disable selected access keys"), permissions=["disable"])
    def disable(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> None:
        self.apply_to_each(request, queryset, keys.disable, _("Access key %(name)s was disabled."))

    @admin.action(description=_("Permanently delete selected access keys"), permissions=["revoke"])
    def delete(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> None:
        self.apply_to_each(request, queryset, keys.delete, _("Access key %(name)s was deleted."))

    def apply_to_each(
        self,
        request: HttpRequest,
        queryset: QuerySet[AccessKey],
        verb: Callable[..., AccessKey | None],
        message: LazyText,
    ) -> None:
        """Call the verb for every key, even if one is refused."""
        for key in queryset.select_related("user__account"):
            try:
                verb(key=key, by=get_operator(request))
            except Refused as refusal:
                sentence = _("%(name)s: %(reason)s") % {"name": key.key_id, "reason": refusal}
                self.message_user(request, sentence, messages.ERROR)
            else:
                self.message_user(request, message % {"name": key.key_id})

    def has_disable_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_accesskey")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_accesskey")


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
