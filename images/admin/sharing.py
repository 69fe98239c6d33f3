"""Share a custom image for its owner, with the console's rules, verdicts and risk notice."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.admin.base import get_operator
from accounts.exceptions import Refused, refuse_if
from accounts.http import get_posted_data
from accounts.wording import join_names

from .. import rules, sharing
from ..forms import DraftForm, ShareForm, get_status
from ..models import Image


def share(
    model_admin: admin.ModelAdmin[Image], request: HttpRequest, object_id: str
) -> HttpResponse:
    """Show the verdict on every entry, then share with the accounts that were shown."""
    if not request.user.has_perm("images.add_sharegrant"):
        raise PermissionDenied
    image = model_admin.get_object(request, unquote(object_id))
    if image is None:
        raise Http404
    form_class = ShareForm if "ok" in request.POST else DraftForm
    form = form_class(get_posted_data(request))
    by = get_operator(request)
    try:
        refuse_if(rules.against_sharing(image, by))
        is_valid = form.is_valid()
        shown = read_shown(request)
        entries = sharing.look_up_entries(form.entries, by=by, shown=shown)
        if is_valid and "ok" in request.POST and shown.keys() >= set(form.entries):
            notice = f"{sharing.RISK_NOTICE} {get_language()}"
            recipients = sharing.share(image=image, entries=entries, by=by, acknowledged=notice)
            names = join_names([account.name for account in recipients])
            sentence = _("%(image)s is now shared with %(names)s.")
            model_admin.message_user(request, sentence % {"image": image.name, "names": names})
            return redirect("admin:images_image_change", image.pk)
        review = sharing.preview(image=image, entries=entries)
    except sharing.EntriesRefused as refusal:
        form.add_error("accounts", str(refusal))
        review = refusal.review
    except Refused as refusal:
        model_admin.message_user(request, str(refusal), messages.ERROR)
        return redirect("admin:images_image_change", image.pk)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Share %(name)s") % {"name": image.name},
        "opts": model_admin.opts,
        "original": image,
        "form": form,
        "review": review,
    }
    template = "admin/images/image/share.html"
    return TemplateResponse(request, template, context, status=get_status(form))


def read_shown(request: HttpRequest) -> dict[str, str]:
    """Return the account ID that was shown beside each text: empty if none was found."""
    shown = (field.partition(" ") for field in request.POST.getlist("shown"))
    return {text: account_id for account_id, _space, text in shown}
