from __future__ import annotations

import re

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.audit import Verb
from accounts.exceptions import Refused, refuse_if
from accounts.forms import add_refusal
from accounts.http import (
    Confirmation,
    ConsoleRequest,
    confirm,
    get_posted_data,
    render_dialog,
)
from accounts.wording import join_names
from images import copying, lifecycle, locks, rules
from images.converters import InstanceIdConverter
from images.forms import CopyForm, CreateImageForm, EditForm, get_status
from images.models import Instance, InstanceQuerySet

from . import regions
from .guards import find_image
from .offers import Action
from .responses import (
    get_list_url,
    record_refusal,
    refuse_role,
    render_refusal,
    respond_changed,
    respond_deleted,
)

# Maximum number of instances in the dialog. For older ones, the dialog is opened from the instance.
MAX_LISTED = 50


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest, region: str) -> HttpResponse:
    """Create a custom image from one of the account's instances."""
    current_region = regions.get_region(request, region)
    back = reverse("images:list", args=[region])
    if refused := refuse_role(
        request,
        Verb.CREATE_IMAGE,
        heading=_("Create Custom Image"),
        section=(_("Image List"), back),
    ):
        return refused
    form = CreateImageForm(
        get_posted_data(request), initial={"instance": request.GET.get("instance")}
    )
    own = Instance.objects.owned_by(request.account).in_region(current_region.code)
    instances = get_choosable_instances(own, form["instance"].value() or "")
    if form.is_valid():
        data = form.cleaned_data
        try:
            image = lifecycle.create_from(
                instance=pick_instance(instances, data["instance"]),
                name=data["name"],
                desc=data["desc"],
                by=request.actor,
            )
        except Refused as refusal:
            record_refusal(request, Verb.CREATE_IMAGE, refusal, instance=data["instance"][:10])
            if not add_refusal(form, refusal):
                raise
        else:
            message = _("%(name)s is being created.") % {"name": image.name}
            return respond_changed(request, image, message)
    choices = [(each, rules.against_imaging(each, request.actor)) for each in instances]
    context = {
        "form": form,
        "choices": choices,
        "region": current_region,
        "limit": MAX_LISTED,
        "back": back,
    }
    return render_dialog(request, "images/create_form.html", context, status=get_status(form))


def get_choosable_instances(own: InstanceQuerySet, instance_id: str) -> list[Instance]:
    """Return the newest instances, and the one with this ID whatever its age."""
    newest = list(own[:MAX_LISTED])
    is_listed = any(instance.instance_id == instance_id for instance in newest)
    if is_listed or not re.fullmatch(InstanceIdConverter.regex, instance_id):
        return newest
    return [*own.filter(instance_id=instance_id), *newest]


def pick_instance(instances: list[Instance], instance_id: str) -> Instance:
    """Return the instance with this ID. Raises locks.NoSuchInstance."""
    for instance in instances:
        if instance.instance_id == instance_id:
            return instance
    raise locks.NoSuchInstance


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = EditForm(get_posted_data(request), initial={"name": image.name, "desc": image.desc})
    try:
        if form.is_valid():
            edited = lifecycle.edit(image=image, by=request.actor, **form.cleaned_data)
            message = _("%(name)s was saved.") % {"name": edited.name}
            return respond_changed(request, image, message, back_to=image.get_absolute_url())
        refuse_if(rules.against_editing(image, request.actor))
    except Refused as refusal:
        return render_refusal(request, Action.EDIT, image, refusal)
    context = {"image": image, "form": form, "back": get_list_url(image)}
    return render_dialog(request, "images/edit_form.html", context, status=get_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    others = [other for other in regions.get_regions(request) if other != image.region]
    form = CopyForm(get_posted_data(request), initial={"name": image.name})
    try:
        refuse_if(rules.against_copying(image, request.actor))
        if form.is_valid():
            data = form.cleaned_data
            copies = copying.copy(
                image=image, codes=data["regions"], name=data["name"], by=request.actor
            )
            message = _("%(name)s is being copied to %(regions)s.") % {
                "name": image.name,
                "regions": join_names([str(each.region) for each in copies]),
            }
            return respond_changed(request, image, message)
    except Refused as refusal:
        if not add_refusal(form, refusal):
            return render_refusal(request, Action.COPY, image, refusal)
    context = {"image": image, "form": form, "others": others, "back": get_list_url(image)}
    return render_dialog(request, "images/copy_form.html", context, status=get_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Cancel a copy in progress."""
    image = find_image(request, region, image_id)
    try:
        if request.method == "POST":
            copying.cancel(image=image, by=request.actor)
            message = _("The copy %(name)s was canceled.") % {"name": image.name}
            return respond_deleted(request, image, message)
        refuse_if(rules.against_canceling(image, request.actor))
    except Refused as refusal:
        return render_refusal(request, Action.CANCEL, image, refusal)
    confirmation = Confirmation(
        heading=Action.CANCEL.heading,
        text=_(
            "The copy is canceled and no longer counts toward your limit. The "
            "source image isn't affected."
        ),
        is_danger=True,
        cancel=_("Keep copying"),
    )
    return confirm(request, confirmation, subject=image, kind="image", back=get_list_url(image))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    try:
        if request.method == "POST":
            lifecycle.delete(image=image, by=request.actor)
            return respond_deleted(
                request, image, _("%(name)s was deleted.") % {"name": image.name}
            )
        recipients = image.grants.count()
        refuse_if(rules.against_deleting(image, request.actor, recipient_count=recipients))
    except Refused as refusal:
        return render_refusal(request, Action.DELETE, image, refusal)
    confirmation = Confirmation(
        heading=Action.DELETE.heading,
        text=_(
            "This can't be undone. The image is permanently deleted. "
            "Instances created from it aren't affected."
        ),
        is_danger=True,
    )
    return confirm(request, confirmation, subject=image, kind="image", back=get_list_url(image))
