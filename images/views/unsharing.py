from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.exceptions import Refused, refuse_if
from accounts.http import ConsoleRequest, get_posted_data, render_dialog
from accounts.models import AuditEvent
from accounts.wording import join_names
from images import restoring, rules, sharing
from images.forms import UnshareForm, add_refusal, get_status
from images.models import Image, Instance, ShareGrant

from .guards import find_image
from .offers import Action
from .responses import get_list_url, render_refusal, respond_changed
from .sharing import respond_shared


@require_http_methods(["GET", "HEAD", "POST"])
def unshare(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    form = UnshareForm(
        get_posted_data(request), initial={"recipients": request.GET.getlist("recipients")}
    )
    # Check before the recipients are read: they are the owner's business.
    if refusal := rules.against_managing(image, request.actor):
        return render_refusal(request, Action.UNSHARE, image, refusal)
    grants = list(image.grants.select_related("recipient"))
    try:
        if form.is_valid():
            recipients = [grant.recipient for grant in grants]
            texts = form.cleaned_data["recipients"]
            entries = sharing.pick_recipients(recipients, texts, by=request.actor)
            event = sharing.unshare(image=image, entries=entries, by=request.actor)
            return respond_unshared(request, image, event)
        refuse_if(rules.against_unsharing(image, request.actor, recipient_count=len(grants)))
    except Refused as error:
        if not add_refusal(form, error):
            return render_refusal(request, Action.UNSHARE, image, error)
    return render_unshare_form(request, image, form, grants)


def respond_unshared(request: ConsoleRequest, image: Image, event: AuditEvent) -> HttpResponse:
    names = [share["account"] for share in event.detail["recipients"]]
    message = _("%(image)s is no longer shared with %(names)s.")
    undo = reverse("images:restore", args=[image.region_id, image.image_id, event.pk])
    return respond_changed(
        request, image, message % {"image": image.name, "names": join_names(names)}, undo=undo
    )


def render_unshare_form(
    request: ConsoleRequest, image: Image, form: UnshareForm, grants: list[ShareGrant]
) -> HttpResponse:
    counts = Instance.objects.created_from(image).count_by_owner(
        grant.recipient for grant in grants
    )
    for grant in grants:
        grant.instances = counts.get(grant.recipient_id, 0)
    context = {
        "image": image,
        "form": form,
        "grants": {grant.recipient.account_id: grant for grant in grants},
        "back": get_list_url(image),
    }
    return render_dialog(request, "images/unshare_form.html", context, status=get_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: ConsoleRequest, region: str, image_id: str, event: int) -> HttpResponse:
    """Undo an unshare: directly from its message, from the activity after a confirmation."""
    image = find_image(request, region, image_id)
    unshares = AuditEvent.objects.concerning(request.account)
    unshare_event = get_object_or_404(unshares.filter(restoring.unshare_q(image)), pk=event)
    refusal, status = None, 200
    try:
        if request.method == "POST":
            recipients = restoring.restore(
                image=image, unshare_event=unshare_event, by=request.actor
            )
            return respond_shared(
                request, image, recipients, _("%(image)s is shared again with %(names)s.")
            )
        refuse_if(rules.against_sharing(image, request.actor))
        review = restoring.preview(image=image, unshare_event=unshare_event)
        if restoring.SharesNotRestored.get_refused(review):
            refusal = restoring.SharesNotRestored(review)
    except restoring.SharesNotRestored as error:
        refusal, status, review = error, 422, error.review
    except Refused as error:
        return render_refusal(request, Action.RESTORE, image, error)
    context = {"image": image, "review": review, "refusal": refusal, "back": get_list_url(image)}
    return render_dialog(request, "images/restore_form.html", context, status=status)
