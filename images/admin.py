from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import Audited, ReadOnly, operator
from accounts.exceptions import Refused
from accounts.http import posted

from . import instances, lifecycle, rules, sharing
from .forms import EntriesForm
from .models import Image, Instance, Region, ShareGrant


@admin.register(Region)
class RegionAdmin(Audited):
    list_display = ("code", "name_en", "name_zh", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("code",) if obj else ()


@admin.register(Image)
class ImageAdmin(Audited):
    """Public images are the operators' own; custom ones they look at, share and delete."""

    list_display = ("name", "image_id", "region", "type", "owner", "status", "recipients")
    list_filter = ("region", "type")
    list_select_related = ("region", "owner")
    search_fields = ("name", "image_id", "owner__name", "owner__account_id")
    readonly_fields = ("image_id", "owner", "created_at")
    exclude = ("passing_status", "passing_since", "settles_at")
    change_form_template = "admin/images/image/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        images: QuerySet[Image] = super().get_queryset(request)
        return images.annotate(recipients=Count("grants"))

    @admin.display(description=gettext_lazy("status"))
    def status(self, image: Image) -> str:
        return image.status_label

    @admin.display(description=gettext_lazy("shared with"), ordering="recipients")
    def recipients(self, image: Image) -> int:
        return image.recipients  # type: ignore[attr-defined,no-any-return]

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

    def find(self, request: HttpRequest, object_id: str) -> Image:
        image: Image | None = self.get_object(request, unquote(object_id))
        if image is None:
            raise Http404
        return image

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask as Django does, delete as the console does."""
        if request.method != "POST":
            return super().delete_view(request, object_id, extra_context)
        image = self.find(request, object_id)
        if not self.has_delete_permission(request, image):
            raise PermissionDenied
        try:
            lifecycle.delete(image=image, by=operator(request))
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:images_image_change", image.pk)
        self.message_user(request, _("%(name)s was deleted.") % {"name": image.name})
        return redirect("admin:images_image_changelist")

    def share_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Share a custom image for its owner, with the rules and verdicts that the owner has."""
        if not request.user.has_perm("images.add_sharegrant"):
            raise PermissionDenied
        image = self.find(request, object_id)
        form = EntriesForm(posted(request))
        by = operator(request)
        review = None
        try:
            if form.is_valid():
                entries = sharing.look_up(form.entries, by=by)
                sharing.share(image=image, entries=entries, by=by)
                self.message_user(request, _("%(name)s was shared.") % {"name": image.name})
                return redirect("admin:images_image_change", image.pk)
            rules.require(rules.against_sharing(image, by))
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
class ShareGrantAdmin(ReadOnly):
    """Grants to look at; the one way to end them here is the action that unshares."""

    list_display = ("image", "owner", "recipient", "shared_at", "shared_by")
    list_select_related = ("image", "owner", "recipient")
    list_filter = ("image__region",)
    search_fields = ("image__image_id", "image__name", "owner__name", "recipient__name")
    actions = ("unshare",)

    @admin.action(description=gettext_lazy("Unshare the selected images"), permissions=["unshare"])
    def unshare(self, request: HttpRequest, queryset: QuerySet[ShareGrant]) -> None:
        """All or nothing for each image; one that is refused does not stop the others."""
        grants = queryset.select_related("image__owner", "recipient").order_by("image_id")
        for image, group in groupby(grants, key=lambda grant: grant.image):
            accounts = [grant.recipient for grant in group]
            entries = [sharing.Entry(account.name, [account]) for account in accounts]
            try:
                sharing.unshare(image=image, entries=entries, by=operator(request))
            except Refused as refusal:
                sentence = _("%(name)s: %(reason)s") % {"name": image.name, "reason": refusal}
                self.message_user(request, sentence, messages.ERROR)
            else:
                self.message_user(request, _("%(name)s was unshared.") % {"name": image.name})

    def has_unshare_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("images.delete_sharegrant")


@admin.register(Instance)
class InstanceAdmin(ReadOnly):
    """Instances to look at, released ones too; the one thing to do here is to release them."""

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

    @admin.action(description=gettext_lazy("Release the selected"), permissions=["release"])
    def release(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        """One that is refused does not stop the others."""
        for instance in queryset.select_related("owner", "region"):
            try:
                instances.release(instance=instance, by=operator(request))
            except Refused as refusal:
                sentence = _("%(name)s: %(reason)s") % {"name": instance.name, "reason": refusal}
                self.message_user(request, sentence, messages.ERROR)
            else:
                self.message_user(request, _("%(name)s was released.") % {"name": instance.name})

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("images.delete_instance")
