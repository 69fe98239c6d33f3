from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from .. import keys
from ..actors import Actor
from ..exceptions import Refused
from ..models import AccessKey, Account
from ..permissions import PersonMayDoMore, find_outranking
from ..wording import LazyText, join_names
from .base import ReadOnlyAdmin, get_operator
from .confirming import ACCOUNTS, Attempts, Question, ask_first, group_by_account, sort_out

KEYS = ngettext_lazy("%(number)d access key", "%(number)d access keys", "number")


class Change(NamedTuple):
    """What an action does with each of the selected keys, and its texts."""

    verb: Callable[..., AccessKey | None]
    against: Callable[[AccessKey], Refused | None]
    heading: LazyText
    sentence: LazyText
    note: LazyText
    done: LazyText


DISABLE = Change(
    keys.disable,
    keys.against_disabling,
    _("Disable access keys"),
    _("Disables %(keys)s of %(accounts)s."),
    _("Requests signed with them are rejected until their person enables them again."),
    _("Disabled access keys: %(names)s."),
)
DELETE = Change(
    keys.delete,
    lambda _key: None,
    _("Delete access keys"),
    _("Deletes %(keys)s of %(accounts)s."),
    _("This can't be undone. Requests signed with them are rejected."),
    _("Deleted access keys: %(names)s."),
)


@admin.register(AccessKey)
class AccessKeyAdmin(ReadOnlyAdmin):
    """Keys without their secrets. Operators can disable and delete, but not create or enable."""

    fields = ("key_id", "user", "description", "is_active", "created_at", "last_used_at")
    list_display = ("key_id", "user", "account", *fields[2:])
    list_filter = ("is_active",)
    list_select_related = ("user__account",)
    sortable_by = ("key_id", "created_at", "last_used_at")
    search_fields = (
        *("key_id", "description", "user__username"),
        *("user__account__name", "user__account__uc_account", "user__account__account_id"),
    )
    search_help_text = _(
        "Access key ID, description, person, or account (Baidu account, cloud account or user ID)."
    )
    actions = ("disable", "delete")

    @admin.display(description=_("account"))
    def account(self, key: AccessKey) -> Account | None:
        return key.user.account

    @admin.action(description=_("Disable selected access keys"), permissions=["disable"])
    def disable(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> HttpResponse | None:
        return self.change_each(request, queryset, DISABLE)

    @admin.action(description=_("Permanently delete selected access keys"), permissions=["revoke"])
    def delete(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> HttpResponse | None:
        return self.change_each(request, queryset, DELETE)

    def change_each(
        self, request: HttpRequest, queryset: QuerySet[AccessKey], change: Change
    ) -> HttpResponse | None:
        def act(question: Question[AccessKey]) -> None:
            attempt = Attempts(question.refused)
            for key in question.chosen:
                attempt(name(key), change.verb, key=key, by=get_operator(request))
            attempt.tell(self, request, change.done)

        question = partial(describe, change, by=get_operator(request))
        return ask_first(self, request, queryset, question, act)

    def has_disable_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_accesskey")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.delete_accesskey")


def name(key: AccessKey) -> str:
    return f"{key.key_id} ({key.user.username})"


def describe(change: Change, selected: Sequence[AccessKey], *, by: Actor) -> Question[AccessKey]:
    stronger = find_outranking([key.user for key in selected if key.user.username != by.name], by)

    def against(key: AccessKey) -> Refused | None:
        return PersonMayDoMore() if key.user in stronger else change.against(key)

    chosen, refused = sort_out(selected, against, name)
    by_account = group_by_account(chosen, lambda key: key.user.account)
    facts = {
        "keys": KEYS % {"number": len(chosen)},
        "accounts": ACCOUNTS % {"number": len(by_account)},
    }
    return Question(
        heading=change.heading,
        sentence=change.sentence % facts,
        note=change.note,
        chosen=chosen,
        headings=(_("Account"), _("Access keys")),
        rows=[
            (account or "–", join_names([name(key) for key in own]))
            for account, own in by_account.items()
        ],
        refused=refused,
    )
