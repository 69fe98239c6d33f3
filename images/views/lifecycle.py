from __future__ import annotations

import re

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, dialog, posted
from accounts.wording import listed
from images import copying, lifecycle, locks, regions, rules
from images.actions import Action
from images.converters import InstanceIdConverter
from images.forms import CopyForm, CreateImageForm, EditForm, show
from images.models import Instance, InstanceQuerySet

from .answers import changed, gone, list_of, note, refused
from .guards import find_image

# A dialog is no list: of more instances than these one begins at the instance.
LISTED = 50


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest, region: str) -> HttpResponse:
    """Make a custom image of one of the account's instances."""
    here = regions.find(request, region)
    form = CreateImageForm(posted(request), initial={"instance": request.GET.get("instance")})
    own = Instance.objects.owned_by(request.account).in_region(here.code)
    instances = to_choose(own, form["instance"].value() or "")
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            image = lifecycle.create_from(
                instance=one_of(instances, wanted["instance"]),
                name=wanted["name"],
                desc=wanted["desc"],
                by=request.actor,
            )
        except Refused as refusal:
            note(request, Verb.CREATE_IMAGE, refusal, instance=wanted["instance"][:10])
            show(refusal, form)
        else:
            message = _("%(name)s is being made.") % {"name": image.name}
            return changed(request, image, message)
    choices = [(each, rules.against_imaging(each, request.actor)) for each in instances]
    context = {
        "form": form,
        "choices": choices,
        "region": here,
        "limit": LISTED,
        "back": reverse("images:list", args=[region]),
    }
    return dialog(request, "images/create_form.html", context, status=status_of(form))


def to_choose(own: InstanceQuerySet, wanted: str) -> list[Instance]:
    """The newest, and the one that is `wanted` however old it is."""
    newest = list(own[:LISTED])
    is_listed = any(instance.instance_id == wanted for instance in newest)
    if is_listed or not re.fullmatch(InstanceIdConverter.regex, wanted):
        return newest
    return [*own.filter(instance_id=wanted), *newest]


def one_of(instances: list[Instance], instance_id: str) -> Instance:
    """Raises locks.NoSuchInstance."""
    for instance in instances:
        if instance.instance_id == instance_id:
            return instance
    raise locks.NoSuchInstance


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = EditForm(posted(request), initial={"name": image.name, "desc": image.desc})
    try:
        if form.is_valid():
            edited = lifecycle.edit(image=image, by=request.actor, **form.cleaned_data)
            message = _("%(name)s was saved.") % {"name": edited.name}
            return changed(request, image, message, back_to=image.get_absolute_url())
        rules.require(rules.against_managing(image, request.actor))
    except Refused as refusal:
        return refused(request, Action.EDIT, image, refusal)
    context = {"image": image, "form": form, "back": list_of(image)}
    return dialog(request, "images/edit_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    others = [each for each in regions.regions_of(request) if each != image.region]
    form = CopyForm(posted(request), initial={"name": image.name})
    try:
        rules.require(rules.against_copying(image, request.actor))
        if form.is_valid():
            wanted = form.cleaned_data
            copies = copying.copy(
                image=image, codes=wanted["regions"], name=wanted["name"], by=request.actor
            )
            message = _("%(name)s is being copied to %(regions)s.") % {
                "name": image.name,
                "regions": listed([str(each.region) for each in copies]),
            }
            return changed(request, image, message)
    except Refused as refusal:
        try:
            show(refusal, form)
        except Refused:
            return refused(request, Action.COPY, image, refusal)
    context = {"image": image, "form": form, "others": others, "back": list_of(image)}
    return dialog(request, "images/copy_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Give up a copy on its way."""
    image = find_image(request, region, image_id)
    try:
        if request.method == "POST":
            copying.cancel(image=image, by=request.actor)
            message = _("The copy %(name)s was cancelled.") % {"name": image.name}
            return gone(request, image, message)
        rules.require(rules.against_cancelling(image, request.actor))
    except Refused as refusal:
        return refused(request, Action.CANCEL, image, refusal)
    return dialog(request, "images/cancel_form.html", {"image": image, "back": list_of(image)})


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    try:
        if request.method == "POST":
            lifecycle.delete(image=image, by=request.actor)
            return gone(request, image, _("%(name)s was deleted.") % {"name": image.name})
        recipients = image.grants.count()
        rules.require(rules.against_deleting(image, request.actor, recipients=recipients))
    except Refused as refusal:
        return refused(request, Action.DELETE, image, refusal)
    return dialog(request, "images/delete_form.html", {"image": image, "back": list_of(image)})


def status_of(form: EditForm | CreateImageForm | CopyForm) -> int:
    return 422 if form.is_bound else 200
