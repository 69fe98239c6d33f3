from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.activity import entries
from accounts.http import ConsoleRequest, dialog
from accounts.models import Account, AuditEvent
from images import quotas, regions, restoring, rules
from images.actions import TOOLBAR, Action, Offer, offers
from images.forms import ImageFilter
from images.models import Image, ImageQuerySet, Instance

from . import answers
from .activity import with_undo
from .guards import find_image

PAGE_SIZE = 20
LATEST = 10


class Tab(models.TextChoices):
    CUSTOM = "custom", gettext_lazy("Custom Images")
    SHARED = "shared", gettext_lazy("Shared Images")
    PUBLIC = "public", gettext_lazy("Public Images")


@require_safe
def image_list(request: ConsoleRequest, region: str) -> HttpResponse:
    account = request.account
    here = regions.find(request, region)
    tab = Tab(request.GET["type"]) if request.GET.get("type") in Tab.values else Tab.CUSTOM
    form = ImageFilter(request.GET)
    found = filtered(in_tab(tab, account).in_region(here.code), form)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "region": here,
        "tab": tab,
        "tabs": [(each, getattr(here, each.value)) for each in Tab],
        "form": form,
        "is_filtered": any(form.cleaned_data.values()),
        "actions": TOOLBAR,
        "not_custom": rules.NotCustomImage.sentence,
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number),
        "rows": [row(image, request) for image in page],
        "settling": [image for image in page if image.is_settling],
        "recipient_limit": quotas.recipients_per_image(account),
        "custom_limit": quotas.custom_images(account),
        "received": regions.count_received(request),
        "received_limit": quotas.received_images(account),
    }
    template = "images/image_list.html" + ("#images" if request.htmx else "")
    return render(request, template, context)


def in_tab(tab: Tab, account: Account) -> ImageQuerySet:
    """The images of a tab with what its columns show."""
    if tab is Tab.CUSTOM:
        return Image.objects.owned_by(account).with_recipient_count()
    if tab is Tab.SHARED:
        shared = Image.objects.shared_with(account).with_shared_at(account)
        return shared.select_related("owner")
    return Image.objects.public()


def filtered(images: ImageQuerySet, form: ImageFilter) -> ImageQuerySet:
    form.is_valid()
    wanted = form.cleaned_data
    if wanted.get("q"):
        images = images.called(wanted["q"])
    if wanted.get("status"):
        images = images.in_status(wanted["status"])
    if wanted.get("os"):
        images = images.filter(os_type=wanted["os"])
    if wanted.get("shared") == "yes":
        images = images.shared_with_somebody()
    if wanted.get("shared") == "no":
        images = images.shared_with_nobody()
    return images


def row(image: Image, request: ConsoleRequest) -> dict[str, Any]:
    recipients = getattr(image, "recipient_count", 0)
    return {"image": image, "offers": offers(image, request.actor, recipients=recipients)}


@require_safe
def choose(request: ConsoleRequest, region: str) -> HttpResponse:
    """The toolbar's way to the dialog of its action; without a selected row it asks for one."""
    try:
        action = Action(request.GET.get("action", ""))
        if action not in TOOLBAR:
            raise Http404
        regions.find(request, region)
        if image_id := request.GET.get("image"):
            return redirect(action.url(region, image_id))
    except (ValueError, NoReverseMatch):
        raise Http404 from None
    images = in_tab(Tab.CUSTOM, request.account).in_region(region)
    choices = [(image, offer(action, image, request)) for image in images]
    context = {
        "action": action,
        "choices": choices,
        "region_code": region,
        "back": reverse("images:list", args=[region]),
    }
    return dialog(request, "images/choose_form.html", context)


def offer(action: Action, image: Image, request: ConsoleRequest) -> Offer:
    all_offers = offers(image, request.actor, recipients=image.recipient_count)
    return next(each for each in all_offers if each.action is action)


@require_safe
def progress(request: ConsoleRequest, region: str) -> HttpResponse:
    own = Image.objects.visible_to(request.account).in_region(region)
    found = own.filter(image_id__in=request.GET.getlist("id"))
    return answers.progress(request, found, event="images:changed")


@require_safe
def detail(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    is_own = rules.against_managing(image, request.actor) is None
    instances = Instance.objects.owned_by(request.account).made_from(image)[:PAGE_SIZE]
    grants = list(image.grants.select_related("recipient")) if is_own else []
    events = AuditEvent.objects.noteworthy_for(request.account).filter(target_id=image.image_id)
    latest = entries(events[:LATEST], to=request.account)
    is_shareable = rules.against_sharing(image, request.actor) is None
    context = {
        "image": image,
        "is_own": is_own,
        "grants": grants,
        "type": image.type_for(request.account),
        "instances": instances,
        "settling": [image] if image.is_settling else [],
        "settling_instances": [each for each in instances if each.is_settling],
        "offers": offers(image, request.actor, recipients=len(grants)),
        "recipient_limit": quotas.recipients_per_image(image.owner),
        "entries": with_undo(latest, restoring.restorable(latest) if is_shareable else ()),
    }
    template = "images/image_detail.html" + ("#image" if request.htmx else "")
    return render(request, template, context)
