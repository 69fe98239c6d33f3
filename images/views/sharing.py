from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, dialog, posted
from accounts.models import AuditEvent
from accounts.wording import listed
from images import restoring, rules, sharing
from images.actions import Action
from images.forms import EntriesForm, ShareForm, UnshareForm, split
from images.models import Image, Instance

from .answers import changed, list_of, refused
from .guards import find_image


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
            confirmed = f"{sharing.RISK_NOTICE} {get_language()}"
            recipients = sharing.share(
                image=image, entries=entries, by=request.actor, acknowledged=confirmed
            )
            names = [account.name for account in recipients]
            return told(request, image, _("%(image)s is now shared with %(names)s."), names)
        review = sharing.preview(image=image, entries=entries)
    except sharing.EntriesRefused as refusal:
        form.add_error("accounts", str(refusal))
        review = refusal.review
    except limits.TooManyTries as refusal:
        form.add_error("accounts", str(refusal))
        review, status = sharing.preview(image=image, entries=[]), 429
    except Refused as refusal:
        return refused(request, Action.SHARE, image, refusal)
    context = {
        "image": image,
        "form": form,
        "review": review,
        "sources": sources_for(image),
        "back": list_of(image),
    }
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
    if refusal := rules.against_sharing(image, request.actor):
        return refused(request, Action.SHARE, image, refusal)
    typed = EntriesForm(request.POST)
    review = judge(request, image, typed)
    if "keep" in request.POST and not typed.errors:
        review = review.only_ready()
        text = "\n".join(entry.text for entry in review.entries)
        return filled_in(request, image, typed, review, text)
    if request.htmx and "keep" not in request.POST:
        context = {"image": image, "review": review, "typed": typed}
        status = status_of(typed)
        return render(request, "images/share_form.html#verdicts", context, status=status)
    return filled_in(request, image, typed, review, typed.data.get("accounts", ""))


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Add those who have another image and not yet this one to what was typed."""
    if request.method != "POST":
        return redirect("images:share", region, image_id)
    image = find_image(request, region, image_id)
    # Before anything is looked up, or a recipient would learn what else the owner shares.
    if refusal := rules.against_sharing(image, request.actor):
        return refused(request, Action.SHARE, image, refusal)
    chosen = request.POST.get("source")
    source = next((each for each in sources_for(image) if each.image_id == chosen), None)
    if source is None:
        raise Http404
    entered = split(request.POST.get("accounts", ""))
    taken = sharing.recipients(source, without=image).values_list("account_id", flat=True)
    text = "\n".join(dict.fromkeys([*entered, *taken]))
    typed = EntriesForm({"accounts": text})
    return filled_in(request, image, typed, judge(request, image, typed), text)


def judge(request: ConsoleRequest, image: Image, typed: EntriesForm) -> sharing.Review:
    """The verdicts on what was typed; on nothing, when the form says why not."""
    typed.is_valid()
    try:
        entries = sharing.look_up(typed.entries, by=request.actor)
    except limits.TooManyTries as refusal:
        typed.add_error("accounts", ValidationError(str(refusal), code=refusal.code))
        entries = []
    return sharing.preview(image=image, entries=entries)


def status_of(typed: EntriesForm) -> int:
    if typed.has_error("accounts", limits.TooManyTries.code):
        return 429
    return 422 if typed.errors else 200


def filled_in(
    request: ConsoleRequest, image: Image, typed: EntriesForm, review: sharing.Review, text: str
) -> HttpResponse:
    """The whole form again, with `text` as its list of accounts."""
    acknowledged = "acknowledged" in request.POST
    context = {
        "image": image,
        "form": ShareForm(initial={"accounts": text, "acknowledged": acknowledged}),
        "review": review,
        "typed": typed,
        "sources": sources_for(image),
        "taken_from": request.POST.get("source"),
        "back": list_of(image),
        "address": reverse("images:share", args=[image.region_id, image.image_id]),
    }
    return dialog(request, "images/share_form.html", context, status=status_of(typed))


def sources_for(image: Image) -> list[Image]:
    """The owner's other images that somebody has, in all regions."""
    others = Image.objects.filter(owner=image.owner).exclude(pk=image.pk).shared_with_somebody()
    found = others.with_recipient_count().select_related("region")
    return list(found.order_by("region__position", "name", "image_id"))


@require_http_methods(["GET", "HEAD", "POST"])
def unshare(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = UnshareForm(posted(request), initial={"recipients": request.GET.getlist("recipients")})
    status = 422 if form.is_bound else 200
    try:
        rules.require(rules.against_managing(image, request.actor))
        grants = {g.recipient.account_id: g for g in image.grants.select_related("recipient")}
        if form.is_valid():
            picked = form.cleaned_data["recipients"]
            entries = [
                *(
                    sharing.Entry(text, [grants[text].recipient])
                    for text in picked
                    if text in grants
                ),
                *sharing.look_up([text for text in picked if text not in grants], by=request.actor),
            ]
            unshared = sharing.unshare(image=image, entries=entries, by=request.actor)
            gone = [share["account"] for share in unshared.detail["recipients"]]
            undo = reverse("images:restore", args=[region, image_id, unshared.pk])
            sentence = _("%(image)s is no longer shared with %(names)s.")
            return told(request, image, sentence, gone, undo=undo)
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
    context = {
        "image": image,
        "form": form,
        "grants": grants,
        "chosen": chosen,
        "back": list_of(image),
    }
    return dialog(request, "images/unshare_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: ConsoleRequest, region: str, image_id: str, event: int) -> HttpResponse:
    """Undo an unshare: from its message at once, from the activity after a look at whom."""
    image = find_image(request, region, image_id)
    unshares = AuditEvent.objects.concerning(request.account)
    unshared = get_object_or_404(unshares.filter(restoring.is_unshare_of(image)), pk=event)
    refusal, status = None, 200
    try:
        if request.method == "POST":
            again = restoring.restore(image=image, unshared=unshared, by=request.actor)
            names = [account.name for account in again]
            return told(request, image, _("%(image)s is shared with %(names)s again."), names)
        rules.require(rules.against_sharing(image, request.actor))
        review = restoring.preview(image=image, unshared=unshared)
        if review.refused:
            refusal = restoring.SharesNotRestored(review)
    except restoring.SharesNotRestored as refused_now:
        refusal, status = refused_now, 422
        review = refused_now.review
    except Refused as against:
        return refused(request, Action.RESTORE, image, against)
    context = {"image": image, "review": review, "refusal": refusal, "back": list_of(image)}
    return dialog(request, "images/restore_form.html", context, status=status)


def told(
    request: ConsoleRequest,
    image: Image,
    sentence: str,
    names: Sequence[str],
    *,
    undo: str = "",
) -> HttpResponse:
    said = sentence % {"image": image.name, "names": listed(names)}
    return changed(request, image, said, undo=undo)
