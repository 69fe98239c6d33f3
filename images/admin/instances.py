from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.actors import Actor
from accounts.admin.base import ReadOnlyAdmin, get_operator
from accounts.admin.confirming import (
    ACCOUNTS,
    Attempts,
    Question,
    ask_first,
    group_by_account,
    sort_out,
)
from accounts.exceptions import Refused
from accounts.wording import join_names

from .. import instances, rules
from ..models import Image, Instance
from . import tables
from .filters import OwnerFilter, ReleasedFilter

INSTANCES = ngettext_lazy("%(number)d instance", "%(number)d instances", "number")


@admin.register(Instance)
class InstanceAdmin(ReadOnlyAdmin):
    """Instances, including released ones, read-only except for the action that releases."""

    list_display = (
        *("name", "instance_id", "region", "owner_link", "status", "image_link", "created_at"),
    )
    list_select_related = ("region", "owner")
    sortable_by = ("instance_id", "created_at")
    list_filter = ("region", ReleasedFilter, OwnerFilter)
    search_fields = (
        *("name", "instance_id", "image_id", "image_name"),
        *("owner__name", "owner__uc_account", "owner__account_id"),
    )
    search_help_text = gettext_lazy(
        "Name or ID of an instance or its image, or owner (Baidu account, cloud account or "
        "user ID)."
    )
    actions = ("release",)
    fields = (
        "instance_id",
        "name",
        "desc",
        "region",
        "zone_name",
        "owner",
        "status",
        "image_id",
        "image_name",
        "image_type",
        "system",
        "spec",
        "system_disk_gb",
        "address",
        "keeps_image_login",
        "created_at",
        "expires_at",
        "released_at",
    )

    @admin.display(description=gettext_lazy("owner"))
    def owner_link(self, instance: Instance) -> SafeString:
        return tables.render(tables.link(instance.owner))

    @admin.display(description=gettext_lazy("image"))
    def image_link(self, instance: Instance) -> SafeString:
        return tables.render(tables.link_list(Image, instance.image_name, instance.image_id))

    @admin.display(description=gettext_lazy("status"))
    def status(self, instance: Instance) -> str:
        return _("Released") if instance.released_at else tables.render_status(instance)

    @admin.display(description=gettext_lazy("operating system"))
    def system(self, instance: Instance) -> str:
        return instance.os

    @admin.display(description=gettext_lazy("internal IP"))
    def address(self, instance: Instance) -> str:
        return instance.internal_ip

    @admin.action(description=gettext_lazy("Release selected instances"), permissions=["release"])
    def release(self, request: HttpRequest, queryset: QuerySet[Instance]) -> HttpResponse | None:
        by = get_operator(request)

        def act(question: Question[Instance]) -> None:
            attempt = Attempts(question.refused)
            for instance in question.chosen:
                attempt(name(instance), instances.release, instance=instance, by=by)
            attempt.tell(self, request, gettext_lazy("Released %(names)s."))

        return ask_first(self, request, queryset, partial(describe_release, by), act)

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("images.delete_instance")


def name(instance: Instance) -> str:
    return f"{instance.name} ({instance.owner})"


def describe_release(by: Actor, selected: Sequence[Instance]) -> Question[Instance]:
    chosen, refused = sort_out(selected, partial(against_releasing, by), name)
    by_account = group_by_account(chosen, lambda instance: instance.owner)
    facts = {
        "instances": INSTANCES % {"number": len(chosen)},
        "accounts": ACCOUNTS % {"number": len(by_account)},
    }
    return Question(
        heading=_("Release instances"),
        sentence=_("Releases %(instances)s of %(accounts)s.") % facts,
        note=_(
            "This can't be undone. The instances and their system disks are permanently "
            "deleted. Custom images created from them are kept."
        ),
        chosen=chosen,
        headings=(_("Account"), _("Number"), _("Instances")),
        rows=[
            (account, len(own), join_names([instance.name for instance in own]))
            for account, own in by_account.items()
        ],
        refused=refused,
    )


def against_releasing(by: Actor, instance: Instance) -> Refused | str | None:
    return _("Already released.") if instance.released_at else rules.against_releasing(instance, by)
