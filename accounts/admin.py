from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from . import audit
from .models import Account, AuditEvent, User

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

    from .actors import Actor

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
    """What an operator adds, changes or removes is in the audit trail, in the same transaction."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        audit.record(operator(request), audit.Verb.ADD, target=target(obj), changes=message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        audit.record(operator(request), audit.Verb.CHANGE, target=target(obj), changes=message)
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


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "verb", "outcome", "reason", "actor_account", "actor", "target_name")
    list_filter = ("outcome", "channel", "verb")
    search_fields = ("target_id", "actor", "actor_account", "request_id")
    date_hierarchy = "at"
    show_full_result_count = False
