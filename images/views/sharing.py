from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.exceptions import Refused, refuse_if
from accounts.http import ConsoleRequest, get_posted_data, render_dialog
from accounts.models import Account
from accounts.wording import join_names
from images import rules, sharing
from images.forms import (
    EntriesForm,
    ShareForm,
    add_refusal,
    get_status,
    split_entries,
)
from images.models import Image

from .guards import find_image
from .offers import Action
from .responses import get_list_url, render_refusal, respond_changed


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = ShareForm(get_posted_data(request))
    try:
        refuse_if(rules.against_sharing(image, request.actor))
        is_valid = form.is_valid()
        entries = sharing.look_up_entries(form.entries, by=request.actor)
        if is_valid:
            notice = f"{sharing.RISK_NOTICE} {get_language()}"
            recipients = sharing.share(
                image=image, entries=entries, by=request.actor, acknowledged=notice
            )
            return respond_shared(
                request, image, recipients, _("%(image)s is now shared with %(names)s.")
            )
        review = sharing.preview(image=image, entries=entries)
    except sharing.EntriesRefused as refusal:
        add_refusal(form, refusal)
        review = refusal.review
    except limits.TooManyTries as refusal:
        add_refusal(form, refusal)
        review = sharing.preview(image=image, entries=[])
    except Refused as refusal:
        return render_refusal(request, Action.SHARE, image, refusal)
    return render_share_form(request, image, form, review)


@require_http_methods(["GET", "HEAD", "POST"])
def check_recipients(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Check the entries typed so far. Nothing is stored.

    While a person types, htmx requests the verdicts alone. A button requests the whole form. The
    button named `keep` keeps only the entries that are ready.
    """
    if request.method != "POST":
        return redirect("images:share", region, image_id)
    image = find_image(request, region, image_id)
    if refusal := rules.against_sharing(image, request.actor):
        return render_refusal(request, Action.SHARE, image, refusal)
    entries_form = EntriesForm(request.POST)
    review = review_entries(request, image, entries_form)
    if "keep" in request.POST and not entries_form.errors:
        review = review.keep_ready()
        text = "\n".join(entry.text for entry in review.entries)
        return render_unsent_form(request, image, entries_form, review, text)
    if request.htmx and "keep" not in request.POST:
        context = {"image": image, "review": review, "entries_form": entries_form}
        status = get_status(entries_form)
        return render(request, "images/share_form.html#verdicts", context, status=status)
    text = entries_form.data.get("accounts", "")
    return render_unsent_form(request, image, entries_form, review, text)


@require_http_methods(["GET", "HEAD", "POST"])
def copy_recipients(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Add the recipients of another image to the entries, except those of this image."""
    if request.method != "POST":
        return redirect("images:share", region, image_id)
    image = find_image(request, region, image_id)
    # Check before any look-up, or a recipient could find out what else the owner shares.
    if refusal := rules.against_sharing(image, request.actor):
        return render_refusal(request, Action.SHARE, image, refusal)
    source_id = request.POST.get("source")
    source = next((each for each in get_sources(image) if each.image_id == source_id), None)
    if source is None:
        raise Http404
    texts = split_entries(request.POST.get("accounts", ""))
    recipients = sharing.get_recipients_to_add(image, source=source)
    account_ids = recipients.values_list("account_id", flat=True)
    text = "\n".join(dict.fromkeys([*texts, *account_ids]))
    entries_form = EntriesForm({"accounts": text})
    review = review_entries(request, image, entries_form)
    return render_unsent_form(request, image, entries_form, review, text)


def review_entries(request: ConsoleRequest, image: Image, form: EntriesForm) -> sharing.Review:
    """Return the verdicts on the entries of the form: none if the form is invalid."""
    form.is_valid()
    try:
        entries = sharing.look_up_entries(form.entries, by=request.actor)
    except limits.TooManyTries as refusal:
        add_refusal(form, refusal)
        entries = []
    return sharing.preview(image=image, entries=entries)


def render_unsent_form(
    request: ConsoleRequest,
    image: Image,
    entries_form: EntriesForm,
    review: sharing.Review,
    text: str,
) -> HttpResponse:
    """Render the whole form, unbound, with `text` as its list of accounts."""
    acknowledged = "acknowledged" in request.POST
    form = ShareForm(initial={"accounts": text, "acknowledged": acknowledged})
    return render_share_form(request, image, form, review, entries_form=entries_form)


def render_share_form(
    request: ConsoleRequest,
    image: Image,
    form: ShareForm,
    review: sharing.Review,
    *,
    entries_form: EntriesForm | None = None,
) -> HttpResponse:
    context = {
        "image": image,
        "form": form,
        "review": review,
        "entries_form": entries_form,
        "sources": get_sources(image),
        "source_id": request.POST.get("source"),
        "back": get_list_url(image),
        "address": reverse("images:share", args=[image.region_id, image.image_id]),
    }
    status = get_status(entries_form or form)
    return render_dialog(request, "images/share_form.html", context, status=status)


def get_sources(image: Image) -> list[Image]:
    """Return the owner's other shared images, in all regions."""
    others = Image.objects.filter(owner=image.owner).exclude(pk=image.pk).shared_with_somebody()
    others = others.with_recipient_count().select_related("region")
    return list(others.order_by("region__position", "name", "image_id"))


def respond_shared(
    request: ConsoleRequest, image: Image, recipients: Sequence[Account], message: str
) -> HttpResponse:
    names = join_names([account.name for account in recipients])
    return respond_changed(request, image, message % {"image": image.name, "names": names})
