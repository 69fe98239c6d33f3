from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import directory, limits
from accounts.exceptions import Refused
from accounts.http import dialog, done, posted
from images import rules, sharing
from images.actions import Action
from images.forms import EntriesForm, ShareForm, UnshareForm

from .guards import find_image, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from accounts.http import ConsoleRequest
    from accounts.models import Account
    from images.models import Image
    from images.sharing import Entry


@require_http_methods(["GET", "POST"])
def share(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = ShareForm(posted(request))
    status = 422 if form.is_bound else 200
    try:
        if form.is_valid():
            entries = look_up(form, request)
            recipients = sharing.share(image=image, entries=entries, by=request.actor)
            return told(request, image, _("%(image)s is now shared with %(names)s."), recipients)
        rules.require(rules.against_sharing(image, request.actor))
        review = sharing.preview(image=image, entries=look_up(form, request))
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


@require_http_methods(["GET", "POST"])
def check(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Judge the entries typed so far; nothing is written.

    htmx asks for the verdicts alone while somebody types. A button answers the whole form; the
    one called `keep` leaves only the entries that are ready.
    """
    if request.method == "GET":
        return redirect("images:share", region, image_id)
    image = find_image(request, region, image_id)
    typed = EntriesForm(request.POST)
    status = 200 if typed.is_valid() else 422
    try:
        rules.require(rules.against_sharing(image, request.actor))
        review = sharing.preview(image=image, entries=look_up(typed, request))
    except limits.TooManyTries as refusal:
        typed.add_error("accounts", str(refusal))
        review, status = sharing.preview(image=image, entries=[]), 429
    except Refused as refusal:
        return refused(request, Action.SHARE, image, refusal)
    text = typed.data.get("accounts", "")
    if "keep" in request.POST:
        review = review.without_refused()
        text = "\n".join(entry.text for entry in review.entries)
    acknowledged = "acknowledged" in request.POST
    context = {
        "image": image,
        "form": ShareForm(initial={"accounts": text, "acknowledged": acknowledged}),
        "review": review,
        "typed": typed,
    }
    if request.htmx and "keep" not in request.POST:
        return render(request, "images/share_form.html#verdicts", context, status=status)
    return dialog(request, "images/share_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def unshare(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    try:
        rules.require(rules.against_managing(image, request.actor))
        grants = list(image.grants.select_related("recipient"))
        chosen_already = {"recipients": request.GET.getlist("recipients")}
        form = UnshareForm(posted(request), initial=chosen_already, grants=grants)
        if form.is_valid():
            chosen = [form.grants[key].recipient for key in form.cleaned_data["recipients"]]
            sharing.unshare(image=image, recipients=chosen, by=request.actor)
            return told(request, image, _("%(image)s is no longer shared with %(names)s."), chosen)
        if not form.is_bound:
            rules.require(rules.against_unsharing(image, request.actor, recipients=len(grants)))
    except sharing.NotRecipients as refusal:
        form.add_error("recipients", str(refusal))
    except Refused as refusal:
        return refused(request, Action.UNSHARE, image, refusal)
    context = {"image": image, "form": form}
    status = 422 if form.is_bound else 200
    return dialog(request, "images/unshare_form.html", context, status=status)


def look_up(form: EntriesForm, request: ConsoleRequest) -> list[Entry]:
    """What the typed entries name, in their order. Raises limits.TooManyTries."""
    matches = directory.look_up(form.entries, by=request.actor)
    return [sharing.Entry(text, matches[text]) for text in form.entries]


def told(
    request: ConsoleRequest, image: Image, sentence: str, recipients: Sequence[Account]
) -> HttpResponse:
    return done(
        request,
        message=sentence % {"image": image.name, "names": names(recipients)},
        changed="images:changed",
        back_to=reverse("images:list", args=[image.region_id]),
    )


def names(accounts: Sequence[Account]) -> str:
    """Up to three names, and how many more there are."""
    first = ", ".join(account.name for account in accounts[:3])
    more = len(accounts) - 3
    if more <= 0:
        return first
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {
        "names": first,
        "more": more,
    }
