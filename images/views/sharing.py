from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.activity import explain_absence
from accounts.exceptions import Refused, refuse_if
from accounts.forms import add_refusal
from accounts.http import ConsoleRequest, get_posted_data, render_dialog, set_retry_after
from accounts.models import Account
from accounts.once import repeatable
from accounts.wording import join_names
from images import rules, sharing
from images.forms import (
    EntriesForm,
    ShareForm,
    get_status,
)
from images.models import Image
from images.sources import list_sources

from .drafts import Draft, read_draft
from .guards import find_image
from .offers import Action
from .responses import get_list_url, render_refusal, respond_changed

# The longest list of accounts in a link to the dialog
LONGEST_LINK = 4000
# The most accounts of a link that are looked up at once
MOST_LINKED = 50


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = ShareForm(get_posted_data(request))
    try:
        refuse_if(rules.against_sharing(image, request.actor))
        if request.method != "POST":
            return show_share_form(request, image)
        if request.FILES:  # without JavaScript a file was chosen, and not checked
            return check_recipients(request, region, image_id)
        is_valid = form.is_valid()
        looked_up = sharing.look_up_entries(
            form.entries, by=request.actor, shown=get_shown(request), column=form.column_heading
        )
        if is_valid:
            notice = f"{sharing.RISK_NOTICE} {get_language()}"
            recipients = sharing.share(
                image=image, entries=looked_up, by=request.actor, acknowledged=notice
            )
            return respond_shared(
                request, image, recipients, _("%(image)s is now shared with %(names)s.")
            )
        review = sharing.preview(image=image, entries=looked_up)
    except sharing.EntriesRefused as refusal:
        add_refusal(form, refusal)
        review = refusal.review
    except (limits.TooManyTries, sharing.WrongColumn) as refusal:
        add_refusal(form, refusal)
        review = sharing.preview(image=image, entries=[])
    except Refused as refusal:
        return render_refusal(request, Action.SHARE, image, refusal)
    return render_share_form(request, image, form, review, read_draft(request))


def show_share_form(request: ConsoleRequest, image: Image) -> HttpResponse:
    """Show the empty form, or one with the accounts of a link and their verdicts."""
    review = sharing.preview(image=image, entries=[])
    if not review.left:
        context = {"image": image, "subject": image, "review": review, "back": get_list_url(image)}
        return render_dialog(request, "images/share_full.html", context)
    draft = Draft(cut(request.GET.get("accounts", "")))
    if may_look_up(request, draft):
        return render_draft(request, image, draft)
    form = ShareForm(initial={"accounts": draft.text})
    draft = replace(draft, is_unchecked=bool(draft.text))
    return render_share_form(request, image, form, review, draft)


def may_look_up(request: ConsoleRequest, draft: Draft) -> bool:
    """Return True for a short list in a link that no other site made the person follow.

    Otherwise such a link could use up the look-ups of a person who opens it.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    return site in {"same-origin", "none"} and 0 < len(draft.entries) <= MOST_LINKED


def cut(text: str) -> str:
    """Return the list of a link without what is too long. No name is cut: it may be another's."""
    if len(text) <= LONGEST_LINK:
        return text
    return re.sub(r"[^\s,;]*\Z", "", text[:LONGEST_LINK])


@repeatable
@require_http_methods(["GET", "HEAD", "POST"])
def check_recipients(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Check the entries typed so far. Nothing is stored.

    While a person types, htmx requests the verdicts alone. A file, or a button that changes the
    list, requests the whole form.
    """
    if request.method != "POST":
        return redirect("images:share", region, image_id)
    image = find_image(request, region, image_id)
    if refusal := rules.against_sharing(image, request.actor):
        return render_refusal(request, Action.SHARE, image, refusal)
    draft = read_draft(request)
    if files := request.FILES.getlist("file"):
        for file in files:
            draft = draft.with_file(file.read())
    elif "put_back" in request.POST:
        draft = draft.with_removed()
    elif correction := request.POST.get("replace"):
        draft = draft.corrected(correction)
    elif "keep" in request.POST:
        draft = draft.without(find_refused(request, image, draft))
    elif request.htmx:
        form = draft.get_form()
        review = review_entries(request, image, form)
        context = {"image": image, "review": review, "form": form, "is_check": True}
        response = render(
            request, "images/share_form.html#verdicts", context, status=get_status(form)
        )
        return set_retry_after(response, form.retry_after)
    return render_draft(request, image, draft)


@repeatable
@require_http_methods(["GET", "HEAD", "POST"])
def copy_recipients(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Add the recipients of another image to the entries, except those of this image."""
    if request.method != "POST":
        return redirect("images:share", region, image_id)
    image = find_image(request, region, image_id)
    # Check before any look-up, or a recipient could find out what else the owner shares.
    if refusal := rules.against_sharing(image, request.actor):
        return render_refusal(request, Action.SHARE, image, refusal)
    draft = read_draft(request)
    source_id = request.POST.get("source", "").replace("\0", "")
    others = Image.objects.filter(owner=image.owner).exclude(pk=image.pk).shared_with_somebody()
    source = others.filter(image_id=source_id).first()
    if source is None:
        return refuse_source(request, image, draft, source_id)
    recipients = sharing.get_recipients_to_add(image, source=source)
    added = sharing.name_recipients(recipients, draft.entries)
    return render_draft(request, image, draft.with_entries(added))


def refuse_source(
    request: ConsoleRequest, image: Image, draft: Draft, source_id: str
) -> HttpResponse:
    """Keep the form after the image to copy from was deleted or unshared from all its recipients.

    Raises Http404 if it never was an image of the account.
    """
    if Image.objects.owned_by(request.account).filter(image_id=source_id).exists():
        sentence = str(rules.ImageIsNotShared.sentence)
    else:
        sentence = explain_absence(source_id, reader=request.account)
    if not sentence:
        raise Http404
    form = draft.get_form(acknowledged="acknowledged" in request.POST)
    review = review_entries(request, image, form)
    form.add_error(None, sentence)
    return render_share_form(request, image, form, review, draft)


def find_refused(request: ConsoleRequest, image: Image, draft: Draft) -> list[str]:
    """Return the entries that can't be recipients: none if the list has an error."""
    form = draft.get_form()
    review = review_entries(request, image, form)
    pairs = zip(form.entries, review.entries, strict=False)
    return [text for text, entry in pairs if entry.verdict.is_refusal]


def get_shown(request: ConsoleRequest) -> dict[str, str]:
    """Return the account ID that was shown beside each text: empty if none was found."""
    shown = (field.partition(" ") for field in request.POST.getlist("shown"))
    return {text: account_id for account_id, _space, text in shown}


def review_entries(request: ConsoleRequest, image: Image, form: EntriesForm) -> sharing.Review:
    """Return the verdicts on the entries of the form: none if the form is invalid."""
    form.is_valid()
    try:
        looked_up = sharing.look_up_entries(
            form.entries, by=request.actor, column=form.column_heading
        )
    except (limits.TooManyTries, sharing.WrongColumn) as refusal:
        add_refusal(form, refusal)
        looked_up = []
    return sharing.preview(image=image, entries=looked_up)


def render_draft(request: ConsoleRequest, image: Image, draft: Draft) -> HttpResponse:
    """Render the whole form with the draft and its verdicts."""
    form = draft.get_form(acknowledged="acknowledged" in request.POST)
    review = review_entries(request, image, form)
    return render_share_form(request, image, form, review, draft)


def render_share_form(
    request: ConsoleRequest,
    image: Image,
    form: EntriesForm,
    review: sharing.Review,
    draft: Draft,
) -> HttpResponse:
    context = {
        "image": image,
        "form": form,
        "review": review,
        "draft": draft,
        "sources": list_sources(image),
        "back": get_list_url(image),
        "address": reverse("images:share", args=[image.region_id, image.image_id]),
    }
    status = get_status(form)
    if draft.file_refusal:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    response = render_dialog(request, "images/share_form.html", context, status=status)
    return set_retry_after(response, form.retry_after)


def respond_shared(
    request: ConsoleRequest, image: Image, recipients: Sequence[Account], message: str
) -> HttpResponse:
    names = join_names([account.name for account in recipients])
    return respond_changed(request, image, message % {"image": image.name, "names": names})
