from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from . import audit, keys
from .actors import Actor
from .exceptions import Refused
from .models import AccessKey, Account, AuditEvent, User
from .wording import LazyText

admin.site.unregister(Group)


def operator(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


class ReadOnly(admin.ModelAdmin):
    """To look at: what is in it changes by the domain's verbs only."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    has_delete_permission = has_change_permission


class Audited(admin.ModelAdmin):
    """What an operator adds, changes or removes is in the audit trail, in the same transaction.

    So nothing is deleted in bulk: that action of Django's has no transaction.
    """

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {k: v for k, v in super().get_actions(request).items() if k != "delete_selected"}

    def save_model(
        self,
        request: HttpRequest,
        obj: Model,
        form: ModelForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        super().save_model(request, obj, form, change)
        request.changes = {  # type: ignore[attr-defined]
            name: {"before": str(form.initial.get(name, "")), "after": str(form.cleaned_data[name])}
            for name in form.changed_data
            if "password" not in name
        }

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        audit.record(operator(request), audit.Verb.ADD, target=target(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        if message:
            changes = getattr(request, "changes", {})
            audit.record(operator(request), audit.Verb.CHANGE, target=target(obj), changes=changes)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            audit.record(operator(request), audit.Verb.REMOVE, target=target(obj))
        return super().log_deletions(request, queryset)


def target(obj: Model) -> audit.Target:
    if hasattr(obj, "audit_target"):
        own: audit.Target = obj.audit_target
        return own
    return audit.Target(
        type=obj._meta.model_name or "",
        id=obj.account_id if isinstance(obj, Account) else str(obj.pk),
        name=str(obj)[:150],
        owner=obj if isinstance(obj, Account) else getattr(obj, "account", None),
    )


@admin.register(Account)
class AccountAdmin(Audited):
    list_display = ("name", "account_id", "uc_account", "created_at")
    search_fields = ("name", "uc_account", "account_id")
    readonly_fields: ClassVar = ["created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """An account keeps its ID: programs and people elsewhere have written it down."""
        fixed = ["account_id"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]


@admin.register(User)
class PersonAdmin(Audited, UserAdmin):
    list_display = ("username", "account", "is_staff", "is_active", "date_joined")
    list_select_related = ("account",)
    list_filter = ("is_staff", "is_active")
    search_fields = ("username", "account__name", "account__account_id")
    autocomplete_fields = ("account",)
    fieldsets = (
        (None, {"fields": ("username", "password", "account")}),
        (_("May sign in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser changes a superuser."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody gives more rights than those that superusers gave."""
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
        return super().user_change_password(request, id, form_url)


@admin.register(AccessKey)
class AccessKeyAdmin(ReadOnly):
    """Keys without their secrets; an operator can end them, not make or enable them."""

    fields = ("key_id", "user", "description", "is_active", "created_at", "last_used_at")
    list_display = ("key_id", "user", "account", *fields[2:])
    list_filter = ("is_active",)
    list_select_related = ("user__account",)
    search_fields = ("key_id", "description", "user__username", "user__account__name")
    actions = ("disable", "delete")

    @admin.display(description=_("account"), ordering="user__account")
    def account(self, key: AccessKey) -> Account | None:
        return key.user.account

    @admin.action(description=_("Disable the selected"), permissions=["disable"])
    def disable(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> None:
        self.each(request, queryset, keys.disable, _("The access key %(name)s was disabled."))

    @admin.action(description=_("Delete the selected for good"), permissions=["end"])
    def delete(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> None:
        self.each(request, queryset, keys.delete, _("The access key %(name)s was deleted."))

    def each(
        self,
        request: HttpRequest,
        queryset: QuerySet[AccessKey],
        verb: Callable[..., AccessKey | None],
        told: LazyText,
    ) -> None:
        """One that is refused does not stop the others."""
        for key in queryset.select_related("user__account"):
            try:
                verb(key=key, by=operator(request))
            except Refused as refusal:
                sentence = _("%(name)s: %(reason)s") % {"name": key.key_id, "reason": refusal}
                self.message_user(request, sentence, messages.ERROR)
            else:
                self.message_user(request, told % {"name": key.key_id})

    def has_disable_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_accesskey")

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_accesskey")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "what", "outcome", "reason", "actor_account", "actor", "target_name")
    list_filter = ("outcome", "channel", "verb")
    search_fields = ("target_id", "actor", "actor_account", "request_id")
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description=_("what"), ordering="verb")
    def what(self, event: AuditEvent) -> str:
        return str(audit.Verb(event.verb).label)
