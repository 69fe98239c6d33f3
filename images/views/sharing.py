from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.exceptions import Refused
from accounts.http import dialog, posted
from images import rules, sharing
from images.actions import Action
from images.forms import EntriesForm, ShareForm, UnshareForm
from images.models import Instance

from .answers import changed, refused
from .guards import find_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from accounts.http import ConsoleRequest
    from accounts.models import Account
    from images.models import Image


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = ShareForm(posted(request))
    status = 422 if form.is_bound else 200
    try:
        rules.require(rules.against_sharing(image, request.actor))
        is_valid = form.is_valid()
        entries = sharing.look_up(form.entries, by=request.actor)
        if is_valid:
            recipients = sharing.share(image=image, entries=entries, by=request.actor)
            return told(request, image, _("%(image)s is now shared with %(names)s."), recipients)
        review = sharing.preview(image=image, entries=entries)
    except sharing.EntriesRefused as refusal:
        form.add_error("accounts", str(refusal))
        review = refusal.review
    except limits.TooManyTries as refusal:
        form.add_error("accounts", str(refusal))
        review, status = sharing.preview(image=image, entries=[]), 429
    except Refused as refusal:
        return refused(request, Action.SHARE, image, refusal)
    context = {"image": image, "form": form, "review": review}
    return dialog(request, "images/share_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Judge the entries typed so far; nothing is written.

    htmx asks for the verdicts alone while somebody types. A button answers the whole form; the
    one called `keep` leaves only the entries that are ready.
    """
    if request.method != "POST":
        return redirect("images:share", region, image_id)
    image = find_image(request, region, image_id)
    typed = EntriesForm(request.POST)
    status = 200 if typed.is_valid() else 422
    try:
        rules.require(rules.against_sharing(image, request.actor))
        entries = sharing.look_up(typed.entries, by=request.actor)
        review = sharing.preview(image=image, entries=entries)
    except limits.TooManyTries as refusal:
        typed.add_error("accounts", str(refusal))
        review, status = sharing.preview(image=image, entries=[]), 429
    except Refused as refusal:
        return refused(request, Action.SHARE, image, refusal)
    is_kept = "keep" in request.POST
    text = typed.data.get("accounts", "")
    if is_kept and status == 200:  # noqa: PLR2004 - a list that is refused as a whole stays whole
        review = review.only_ready()
        text = "\n".join(entry.text for entry in review.entries)
    acknowledged = "acknowledged" in request.POST
    context = {
        "image": image,
        "form": ShareForm(initial={"accounts": text, "acknowledged": acknowledged}),
        "review": review,
        "typed": typed,
    }
    if request.htmx and not is_kept:
        return render(request, "images/share_form.html#verdicts", context, status=status)
    return dialog(request, "images/share_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def unshare(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = UnshareForm(posted(request), initial={"recipients": request.GET.getlist("recipients")})
    status = 422 if form.is_bound else 200
    try:
        rules.require(rules.against_managing(image, request.actor))
        grants = {g.recipient.account_id: g for g in image.grants.select_related("recipient")}
        if form.is_valid():
            entries = sharing.look_up(form.cleaned_data["recipients"], by=request.actor)
            gone = sharing.unshare(image=image, entries=entries, by=request.actor)
            return told(request, image, _("%(image)s is no longer shared with %(names)s."), gone)
        rules.require(rules.against_unsharing(image, request.actor, recipients=len(grants)))
    except sharing.NotRecipients as refusal:
        form.add_error("recipients", str(refusal))
    except limits.TooManyTries as refusal:
        form.add_error("recipients", str(refusal))
        status = 429
    except Refused as refusal:
        return refused(request, Action.UNSHARE, image, refusal)
    recipients = [grant.recipient for grant in grants.values()]
    counts = Instance.objects.made_from(image).count_by_owner(recipients)
    for grant in grants.values():
        grant.instances = counts.get(grant.recipient_id, 0)
    chosen = sum(key in grants for key in form["recipients"].value() or [])
    context = {"image": image, "form": form, "grants": grants, "chosen": chosen}
    return dialog(request, "images/unshare_form.html", context, status=status)


def told(
    request: ConsoleRequest, image: Image, sentence: str, recipients: Sequence[Account]
) -> HttpResponse:
    names = sharing.listed([account.name for account in recipients])
    return changed(request, image, sentence % {"image": image.name, "names": names})
