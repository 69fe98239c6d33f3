"""The actions on the images that are selected in the Image List."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from accounts.activity import explain_absence
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, close_dialog, render_dialog
from accounts.wording import join_names
from images import lifecycle, locks, rules
from images.models import Image

from . import regions
from .offers import TOOLBAR, Action, Offer, get_offers
from .responses import refuse_role

# A page of the list has no more rows to select.
MAX_EXPLAINED = 20


@require_safe
def choose(request: ConsoleRequest, region: str) -> HttpResponse:
    """Redirect from the toolbar to the action's dialog, or ask for an image.

    It asks if none is selected, or if several are and the action is for one.
    """
    image_ids = list(dict.fromkeys(request.GET.getlist("image")))
    try:
        action = Action(request.GET.get("action", ""))
        if action not in TOOLBAR:
            raise Http404
        regions.get_region(request, region)
        urls = [action.build_url(region, image_id) for image_id in image_ids]
    except (ValueError, NoReverseMatch):
        raise Http404 from None
    if len(urls) == 1:
        return redirect(urls[0])
    if urls and action is Action.DELETE:
        return redirect(reverse("images:delete-several", args=[region], query={"image": image_ids}))
    images = list(Image.objects.owned_by(request.account).in_region(region).with_recipient_count())
    selected = [image for image in images if image.image_id in image_ids]
    context = {
        "action": action,
        "choices": [(image, get_offer(action, image, request)) for image in selected or images],
        "region_code": region,
        "back": reverse("images:list", args=[region]),
    }
    return render_dialog(request, "images/choose_form.html", context)


def get_offer(action: Action, image: Image, request: ConsoleRequest) -> Offer:
    offers = get_offers(image, request.actor, recipient_count=image.recipient_count)
    return next(offer for offer in offers if offer.action is action)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_several(request: ConsoleRequest, region: str) -> HttpResponse:
    """Delete all of these images or none, after a confirmation."""
    regions.get_region(request, region)
    back = reverse("images:list", args=[region])
    if refused := refuse_role(
        request,
        Action.DELETE.verb,
        heading=Action.DELETE.heading,
        section=(_("Image List"), back),
    ):
        return refused
    data = request.POST if request.method == "POST" else request.GET
    # PostgreSQL can't compare with NUL.
    image_ids = [text.replace("\0", "\N{REPLACEMENT CHARACTER}") for text in data.getlist("image")]
    if not image_ids:
        return redirect(reverse("images:choose", args=[region], query={"action": "delete"}))
    visible = Image.objects.visible_to(request.account).in_region(region).with_recipient_count()
    images = list(visible.filter(image_id__in=image_ids).order_by("pk"))
    missing = set(image_ids) - {image.image_id for image in images}
    if request.method == "POST" and images and not missing:
        try:
            lifecycle.delete_all(images=images, by=request.actor)
        except Refused:
            images = list(visible.filter(image_id__in=image_ids).order_by("pk"))
            missing = set(image_ids) - {image.image_id for image in images}
        else:
            return respond_deleted(request, region, images)
    context = {
        **judge_images(request, images),
        "missing": explain_absences(request, region, missing),
        "back": back,
    }
    status = 422 if request.method == "POST" else 200
    response = render_dialog(request, "images/delete_form.html", context, status=status)
    return trigger_client_event(response, "images:changed") if missing else response


def respond_deleted(request: ConsoleRequest, region: str, images: list[Image]) -> HttpResponse:
    sentence = ngettext("%(names)s was deleted.", "%(names)s were deleted.", len(images))
    message = sentence % {"names": join_names([image.name for image in images])}
    back = reverse("images:list", args=[region])
    return close_dialog(request, message=message, changed="images:changed", back_to=back)


def judge_images(request: ConsoleRequest, images: list[Image]) -> dict[str, Any]:
    """Return context with the images that can be deleted, and the others with the reason."""
    verdicts = [
        (image, rules.against_deleting(image, request.actor, recipient_count=image.recipient_count))
        for image in images
    ]
    return {
        "images": [image for image, refusal in verdicts if refusal is None],
        "refused": [(image, refusal) for image, refusal in verdicts if refusal],
    }


def explain_absences(request: ConsoleRequest, region: str, image_ids: set[str]) -> list[str]:
    """Return a sentence for each image that is gone, or that the account can't see."""
    return [
        explain_absence(image_id, region=region, reader=request.account)
        or str(locks.NoSuchImage.sentence)
        for image_id in sorted(image_ids)[:MAX_EXPLAINED]
    ]
