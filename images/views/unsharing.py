from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.exceptions import Refused, refuse_if
from accounts.forms import add_refusal
from accounts.http import ConsoleRequest, get_posted_data, render_dialog
from accounts.models import AuditEvent
from accounts.once import repeatable
from accounts.wording import join_names
from images import restoring, rules, sharing
from images.entries import read
from images.forms import MAX_ENTRIES, TOO_LONG, UnshareForm, get_status
from images.models import Image, ShareGrant

from .guards import find_image
from .offers import Action
from .recipients import find_ids, read_grants
from .responses import get_list_url, render_refusal, respond_changed


@require_http_methods(["GET", "HEAD", "POST"])
def unshare(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = UnshareForm(
        get_posted_data(request), initial={"recipients": request.GET.getlist("recipients")}
    )
    # Check before the recipients are read: they are the owner's business.
    if refusal := rules.against_choosing_recipients(image, request.actor):
        return render_refusal(request, Action.UNSHARE, image, refusal)
    try:
        if form.is_valid():
            return unshare_chosen(request, image, form.cleaned_data["recipients"])
    except Refused as error:
        if not add_refusal(form, error):
            return render_refusal(request, Action.UNSHARE, image, error)
    grants = read_grants(image)
    if refusal := rules.against_unsharing(image, request.actor, recipient_count=len(grants)):
        return render_refusal(request, Action.UNSHARE, image, refusal)
    return render_unshare_form(request, image, form, grants)


def unshare_chosen(request: ConsoleRequest, image: Image, chosen: Sequence[str]) -> HttpResponse:
    """Unshare from the chosen accounts. Those that somebody else unshared meanwhile are no error.

    The person wants them gone, and they are. The message says so, and undo leaves them out.
    """
    recipients = [grant.recipient for grant in image.grants.select_related("recipient")]
    missing = set(chosen) - {account.account_id for account in recipients}
    gone = restoring.find_unshared(image, missing) if missing else {}
    texts = [text for text in chosen if text not in gone]
    if not texts:
        message = _("%(image)s was already unshared from %(names)s.")
        names = join_names(list(gone.values()))
        return respond_changed(request, image, message % {"image": image.name, "names": names})
    entries = sharing.pick_recipients(recipients, texts)
    event = sharing.unshare(image=image, entries=entries, by=request.actor)
    return respond_unshared(request, image, event, gone=list(gone.values()))


def respond_unshared(
    request: ConsoleRequest, image: Image, event: AuditEvent, *, gone: Sequence[str]
) -> HttpResponse:
    if gone:
        message = _(
            "%(image)s is no longer shared with %(names)s. It was already unshared from %(gone)s."
        )
    else:
        message = _("%(image)s is no longer shared with %(names)s.")
    names = join_names(get_names(event))
    text = message % {"image": image.name, "names": names, "gone": join_names(gone)}
    undo = reverse("images:restore", args=[image.region_id, image.image_id, event.pk])
    return respond_changed(request, image, text, undo=undo)


def get_names(event: AuditEvent) -> list[str]:
    return [share["account"] for share in event.detail["recipients"]]


@repeatable
@require_http_methods(["GET", "HEAD", "POST"])
def choose_recipients(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Change the selection of the Unshare dialog. Nothing is stored.

    A button selects the accounts of a pasted list. Other buttons search, and select or clear what
    was found, for browsers without JavaScript.
    """
    if request.method != "POST":
        return redirect("images:unshare", region, image_id)
    image = find_image(request, region, image_id)
    if refusal := rules.against_choosing_recipients(image, request.actor):
        return render_refusal(request, Action.UNSHARE, image, refusal)
    grants = read_grants(image)
    if refusal := rules.against_unsharing(image, request.actor, recipient_count=len(grants)):
        return render_refusal(request, Action.UNSHARE, image, refusal)
    chosen = set(request.POST.getlist("recipients"))
    pasted = None
    match request.POST.get("choose"):
        case "all":
            chosen |= find_ids(grants, request.POST.get("q", ""))
        case "none":
            chosen -= find_ids(grants, request.POST.get("q", ""))
        case "listed":
            pasted = match_list(grants, request.POST.get("list", ""))
            chosen |= pasted.account_ids
    form = UnshareForm(initial={"recipients": list(chosen)})
    return render_unshare_form(request, image, form, grants, pasted=pasted)


class PastedList(NamedTuple):
    """The recipients in a pasted list, the texts that name none, and a list that wasn't read."""

    account_ids: set[str]
    others: list[str]
    unread: str = ""

    @property
    def text(self) -> str:
        """Return the list to correct: what has been selected is taken out."""
        return self.unread or "\n".join(self.others)

    @property
    def error(self) -> str:
        return TOO_LONG % {"limit": MAX_ENTRIES} if self.unread else ""


def match_list(grants: Sequence[ShareGrant], text: str) -> PastedList:
    recipients = [grant.recipient for grant in grants]
    reading = read(text)
    if reading.is_too_long:
        return PastedList(set(), [], unread=text)
    entries = sharing.match_recipients(recipients, reading.texts)
    matched = {entry.accounts[0].account_id for entry in entries if len(entry.accounts) == 1}
    others = [entry.display_text for entry in entries if len(entry.accounts) != 1]
    return PastedList(matched, others)


def render_unshare_form(
    request: ConsoleRequest,
    image: Image,
    form: UnshareForm,
    grants: Sequence[ShareGrant],
    *,
    pasted: PastedList | None = None,
) -> HttpResponse:
    q = (request.POST if request.method == "POST" else request.GET).get("q", "")
    rows = {grant.recipient.account_id: grant for grant in grants}
    chosen = form["recipients"].value() or []
    context = {
        "image": image,
        "form": form,
        "chosen": chosen,
        "grants": dict(sorted(rows.items(), key=lambda row: row[0] not in chosen)),
        "q": q,
        "found": find_ids(grants, q),
        "pasted": pasted,
        "address": reverse("images:unshare", args=[image.region_id, image.image_id]),
        "back": get_list_url(image),
    }
    return render_dialog(request, "images/unshare_form.html", context, status=get_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: ConsoleRequest, region: str, image_id: str, event: int) -> HttpResponse:
    """Undo an unshare: directly from its message if all of it can be undone, else after a review.

    The review posts the accounts that it shows as restorable.
    """
    image = find_image(request, region, image_id)
    unshares = AuditEvent.objects.concerning(request.account)
    unshare_event = get_object_or_404(unshares.filter(restoring.unshare_q(image)), pk=event)
    refusal: Refused | None = None
    restoration = None
    try:
        if request.method == "POST":
            accounts = request.POST.getlist("accounts") or None
            restored = restoring.restore(
                image=image, unshare_event=unshare_event, by=request.actor, accounts=accounts
            )
            return respond_restored(request, image, restored)
        refuse_if(rules.against_sharing(image, request.actor))
        restoration = restoring.preview(image=image, unshare_event=unshare_event)
    except restoring.SharesNotRestored as error:
        refusal, restoration = error, error.restoration
    except (restoring.TooLateToRestore, restoring.AlreadyRestored) as error:
        refusal = error
    except Refused as error:
        return render_refusal(request, Action.RESTORE, image, error)
    context = {
        "image": image,
        "restoration": restoration,
        "refusal": refusal,
        "share_url": get_share_url(image, unshare_event),
        "back": get_list_url(image),
    }
    is_refused = refusal is not None and request.method == "POST"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    response = render_dialog(request, "images/restore_form.html", context, status=status)
    if refusal and restoration is None:  # the page behind may still offer what is over
        trigger_client_event(response, "images:changed")
    return response


def respond_restored(request: ConsoleRequest, image: Image, event: AuditEvent) -> HttpResponse:
    others = [
        verdict["entry"]
        for verdict in event.detail.get("verdicts", [])
        if sharing.Verdict(verdict["verdict"]).is_refusal
    ]
    if others:
        message = _("%(image)s is shared again with %(names)s, but not with %(others)s.")
    else:
        message = _("%(image)s is shared again with %(names)s.")
    names = join_names(get_names(event))
    text = message % {"image": image.name, "names": names, "others": join_names(others)}
    return respond_changed(request, image, text)


def get_share_url(image: Image, unshare_event: AuditEvent) -> str:
    """Return the URL of the Share dialog with what is left to share. Empty if nothing is left."""
    left = restoring.find_left(image, unshare_event)
    if not left:
        return ""
    url = reverse("images:share", args=[image.region_id, image.image_id])
    text = "\n".join(account.name for account in left)
    return f"{url}?{urlencode({'accounts': text})}"
