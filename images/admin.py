from __future__ import annotations

from itertools import groupby
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import AuditedAdmin, ReadOnlyAdmin, get_operator
from accounts.exceptions import Refused, refuse_if
from accounts.http import get_posted_data

from . import instances, lifecycle, rules, sharing
from .forms import EntriesForm
from .models import Image, ImageQuerySet, Instance, Region, ShareGrant


@admin.register(Region)
class RegionAdmin(AuditedAdmin):
    list_display = ("code", "name_en", "name_zh", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("code",) if obj else ()


@admin.register(Image)
class ImageAdmin(AuditedAdmin):
    """Operators manage public images. They can view, share and delete custom ones."""

    list_display = ("name", "image_id", "region", "type", "owner", "status", "recipients")
    list_filter = ("region", "type")
    list_select_related = ("region", "owner")
    search_fields = ("name", "image_id", "owner__name", "owner__account_id")
    readonly_fields = ("image_id", "owner", "created_at")
    exclude = ("passing_status", "passing_since", "settles_at")
    change_form_template = "admin/images/image/change_form.html"

    def get_queryset(self, request: HttpRequest) -> ImageQuerySet:
        return cast("ImageQuerySet", super().get_queryset(request)).with_recipient_count()

    @admin.display(description=gettext_lazy("status"))
    def status(self, image: Image) -> str:
        return image.status_label

    @admin.display(description=gettext_lazy("shared with"), ordering="recipient_count")
    def recipients(self, image: Image) -> int:
        return image.recipient_count

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "type":
            kwargs["choices"] = [c for c in Image.Type.choices if c[0] != Image.Type.CUSTOM]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.owner is None)

    def get_urls(self) -> list[URLPattern]:
        share = self.admin_site.admin_view(self.share_view)
        return [
            path("<path:object_id>/share/", share, name="images_image_share"),
            *super().get_urls(),
        ]

    def get_image(self, request: HttpRequest, object_id: str) -> Image:
        image: Image | None = self.get_object(request, unquote(object_id))
        if image is None:
            raise Http404
        return image

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Use Django's confirmation page, but delete as the console does."""
        if request.method != "POST":
            return super().delete_view(request, object_id, extra_context)
        image = self.get_image(request, object_id)
        if not self.has_delete_permission(request, image):
            raise PermissionDenied
        try:
            lifecycle.delete(image=image, by=get_operator(request))
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:images_image_change", image.pk)
        self.message_user(request, _("%(name)s was deleted.") % {"name": image.name})
        return redirect("admin:images_image_changelist")

    def share_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Share a custom image for its owner, with the same rules and verdicts."""
        if not request.user.has_perm("images.add_sharegrant"):
            raise PermissionDenied
        image = self.get_image(request, object_id)
        form = EntriesForm(get_posted_data(request))
        by = get_operator(request)
        review = None
        try:
            if form.is_valid():
                entries = sharing.look_up_entries(form.entries, by=by)
                sharing.share(image=image, entries=entries, by=by)
                self.message_user(request, _("%(name)s was shared.") % {"name": image.name})
                return redirect("admin:images_image_change", image.pk)
            refuse_if(rules.against_sharing(image, by))
        except sharing.EntriesRefused as refusal:
            form.add_error("accounts", str(refusal))
            review = refusal.review
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:images_image_change", image.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Share %(name)s") % {"name": image.name},
            "opts": self.opts,
            "original": image,
            "form": form,
            "review": review,
        }
        return TemplateResponse(request, "admin/images/image/share.html", context)


@admin.register(ShareGrant)
class ShareGrantAdmin(ReadOnlyAdmin):
    """Grants, read-only except for the action that unshares."""

    list_display = ("image", "owner", "recipient", "shared_at", "shared_by")
    list_select_related = ("image", "owner", "recipient")
    list_filter = ("image__region",)
    search_fields = ("image__image_id", "image__name", "owner__name", "recipient__name")
    actions = ("unshare",)

    @admin.action(description=gettext_lazy("Unshare selected images"), permissions=["unshare"])
    def unshare(self, request: HttpRequest, queryset: QuerySet[ShareGrant]) -> None:
        """Unshare each image from all its selected recipients or none. A refusal stops no other."""
        grants = queryset.select_related("image__owner", "recipient").order_by("image_id")
        for image, group in groupby(grants, key=lambda grant: grant.image):
            accounts = [grant.recipient for grant in group]
            entries = [sharing.Entry(account.name, [account]) for account in accounts]
            try:
                sharing.unshare(image=image, entries=entries, by=get_operator(request))
            except Refused as refusal:
                message = _("%(name)s: %(reason)s") % {"name": image.name, "reason": refusal}
                self.message_user(request, message, messages.ERROR)
            else:
                self.message_user(request, _("%(name)s was unshared.") % {"name": image.name})

    def has_unshare_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("images.delete_sharegrant")


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
