from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ReadOnlyAdmin, get_operator
from accounts.exceptions import Refused

from .. import instances
from ..models import Instance


@admin.register(Instance)
class InstanceAdmin(ReadOnlyAdmin):
    """Instances, including released ones, read-only except for the action that releases."""

    list_display = ("name", "instance_id", "region", "owner", "status", "image_name", "created_at")
    list_select_related = ("region", "owner")
    list_filter = ("region", ("released_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "instance_id", "image_id", "owner__name", "owner__account_id")
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

    @admin.display(description=gettext_lazy("status"))
    def status(self, instance: Instance) -> str:
        return _("Released") if instance.released_at else instance.status_label

    @admin.display(description=gettext_lazy("operating system"))
    def system(self, instance: Instance) -> str:
        return instance.os

    @admin.display(description=gettext_lazy("internal IP"))
    def address(self, instance: Instance) -> str:
        return instance.internal_ip

    @admin.action(description=gettext_lazy("Release selected instances"), permissions=["release"])
    def release(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        """Release each instance. A refusal does not stop the others."""
        for instance in queryset.select_related("owner", "region"):
            try:
                instances.release(instance=instance, by=get_operator(request))
            except Refused as refusal:
                message = _("%(name)s: %(reason)s") % {"name": instance.name, "reason": refusal}
                self.message_user(request, message, messages.ERROR)
            else:
                self.message_user(request, _("%(name)s was released.") % {"name": instance.name})

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("images.delete_instance")
