from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .. import keys
from ..exceptions import Refused
from ..models import AccessKey, Account
from ..wording import LazyText
from .base import ReadOnlyAdmin, get_operator


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
