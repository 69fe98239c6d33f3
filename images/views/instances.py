from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import roles, standby
from accounts.activity import explain_absence, read_events
from accounts.actors import Actor
from accounts.audit import Verb
from accounts.exceptions import Refused, refuse_if
from accounts.forms import add_refusal
from accounts.http import (
    Confirmation,
    ConsoleRequest,
    close_dialog,
    confirm,
    get_posted_data,
    render_dialog,
)
from accounts.models import find_latest
from accounts.wording import LazyText
from images import instances, locks, rules
from images.forms import (
    CreateInstanceForm,
    InstanceFilter,
    ReinstallForm,
    get_status,
)
from images.models import Image, Instance, InstanceQuerySet, Region

from . import regions, responses
from .guards import find_instance
from .images import PAGE_SIZE, Tab
from .offers import IN_ROW, InstanceAction, get_instance_offers
from .responses import (
    get_list_url,
    record_refusal,
    refuse_role,
    render_refusal,
    respond_changed,
    respond_deleted,
)

TABS = {Image.Type.CUSTOM: Tab.CUSTOM, Image.Type.SHARING: Tab.SHARED}
TAB_ORDER = [Tab.PUBLIC, Tab.CUSTOM, Tab.SHARED]


@require_safe
@standby.lists
def instance_list(request: ConsoleRequest, region: str) -> HttpResponse:
    account = request.account
    current_region = regions.get_region(request, region)
    form = InstanceFilter(request.GET)
    rows = filter_instances(Instance.objects.owned_by(account).in_region(current_region.code), form)
    page = Paginator(rows.with_image_still_there(account), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "region": current_region,
        "form": form,
        "is_filtered": any(form.cleaned_data.values()),
        "against_creating": roles.against(Verb.CREATE_INSTANCE, request.actor),
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number),
        "rows": [build_row(instance, request) for instance in page],
        "settling": [instance for instance in page if instance.is_settling],
    }
    template = "images/instance_list.html" + ("#instances" if request.htmx else "")
    return render(request, template, context)


def filter_instances(rows: InstanceQuerySet, form: InstanceFilter) -> InstanceQuerySet:
    form.is_valid()
    data = form.cleaned_data
    if data.get("q"):
        rows = rows.search(data["q"])
    if data.get("status"):
        rows = rows.in_status(data["status"])
    return rows


def build_row(instance: Instance, request: ConsoleRequest) -> dict[str, Any]:
    offers = get_instance_offers(instance, request.actor)
    return {"instance": instance, "url": instance.get_absolute_url(), "offers": offers}


@require_safe
def progress(request: ConsoleRequest, region: str) -> HttpResponse:
    own = Instance.objects.owned_by(request.account).in_region(region)
    rows = own.filter(instance_id__in=request.GET.getlist("id"))
    return responses.render_progress(request, rows, event="instances:changed")


@require_safe
def menu(request: ConsoleRequest, region: str, instance_id: str) -> HttpResponse:
    """Show the actions of a row that aren't its buttons."""
    instance = find_instance(request, region, instance_id)
    offers = get_instance_offers(instance, request.actor)[IN_ROW:]
    return render(request, "images/offers_menu.html", {"subject": instance, "offers": offers})


@require_safe
def detail(request: ConsoleRequest, region: str, instance_id: str) -> HttpResponse:
    instance = find_instance(request, region, instance_id)
    events = find_latest(account_id=request.account.account_id, target_id=instance_id)
    context = {
        "instance": instance,
        "offers": get_instance_offers(instance, request.actor),
        "settling": [instance] if instance.is_settling else [],
        "activities": read_events(events, reader=request.account),
    }
    template = "images/instance_detail.html" + ("#instance" if request.htmx else "")
    return render(request, template, context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest, region: str) -> HttpResponse:
    current_region = regions.get_region(request, region)
    if refused := refuse_role(
        request,
        Verb.CREATE_INSTANCE,
        heading=_("Create instance"),
        section=(_("Instances"), reverse("instances:list", args=[region])),
    ):
        return refused
    images = get_choosable_images(request, current_region)
    form = CreateInstanceForm(get_posted_data(request), initial={"image": request.GET.get("image")})
    if form.is_valid():
        try:
            rows = instances.create(
                image=pick_image(images, form.cleaned_data["image"]),
                order=form.get_order(),
                by=request.actor,
            )
        except Refused as refusal:
            image_id = form.cleaned_data["image"][:10]
            record_refusal(request, Verb.CREATE_INSTANCE, refusal, image=image_id)
            sentence = explain(request, refusal, form.cleaned_data["image"])
            if not add_refusal(form, refusal, sentence=sentence):
                raise
        else:
            return respond_created(request, rows)
    choice = build_image_choice(request, images, form)
    if choice["image_refusal"]:
        image_id = form["image"].value()
        choice["image_refusal"] = explain(request, choice["image_refusal"], image_id)
    context = {"form": form, "region": current_region, **choice}
    template = "images/instance_create.html" + ("#create" if request.htmx else "")
    return render(request, template, context, status=get_status(form))


def respond_created(request: ConsoleRequest, rows: list[Instance]) -> HttpResponse:
    first, last = rows[0], rows[-1]
    names = first.name if len(rows) == 1 else f"{first.name} – {last.name}"
    message = ngettext("%(names)s is starting.", "%(names)s are starting.", len(rows))
    return close_dialog(request, message=message % {"names": names}, back_to=get_list_url(first))


def get_choosable_images(request: ConsoleRequest, region: Region) -> list[Image]:
    visible = Image.objects.visible_to(request.account).in_region(region.code)
    return list(visible.select_related("owner", "region").order_by("name", "image_id"))


def pick_image(images: list[Image], image_id: str) -> Image:
    """Return the image with this ID. Raises locks.NoSuchImage."""
    for image in images:
        if image.image_id == image_id:
            return image
    raise locks.NoSuchImage


def explain(request: ConsoleRequest, refusal: Refused, image_id: str) -> str:
    """Return the refusal in words. An image that is gone says so, if the reader may know."""
    is_gone = isinstance(refusal, locks.NoSuchImage)
    absence = explain_absence(image_id[:10], reader=request.account) if is_gone else ""
    return absence or str(refusal)


def build_image_choice(
    request: ConsoleRequest, images: list[Image], form: ReinstallForm
) -> dict[str, Any]:
    """Return context with the images to choose from, each with its tab and its refusal."""
    choices = [
        (
            image,
            TABS.get(image.type_for(request.account), Tab.PUBLIC),
            rules.against_using(image, request.actor),
        )
        for image in images
    ]
    tab_of = {image.image_id: tab for image, tab, _refusal in choices}
    image_id = form["image"].value()
    tab_name = form.data.get("type") or request.GET.get("type")
    tab = tab_of.get(image_id) or (Tab(tab_name) if tab_name in Tab.values else Tab.PUBLIC)
    tabs = list(tab_of.values())
    counts = [(each, tabs.count(each)) for each in TAB_ORDER]
    refusal = None if form.is_bound or not image_id else get_image_refusal(image_id, choices)
    return {"choices": choices, "tabs": counts, "tab": tab, "image_refusal": refusal}


def get_image_refusal(
    image_id: str, choices: list[tuple[Image, Tab, Refused | None]]
) -> Refused | None:
    """Return the refusal of the image in the URL, or None."""
    refusals = {image.image_id: refusal for image, _tab, refusal in choices}
    return refusals.get(image_id, locks.NoSuchImage())


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reinstall(request: ConsoleRequest, region: str, instance_id: str) -> HttpResponse:
    instance = find_instance(request, region, instance_id)
    form = ReinstallForm(get_posted_data(request), initial={"image": instance.image_id})
    try:
        refuse_if(rules.against_reinstalling(instance, request.actor))
        images = get_choosable_images(request, instance.region)
        if form.is_valid():
            image = pick_image(images, form.cleaned_data["image"])
            instances.reinstall(
                instance=instance, image=image, password=form.new_password, by=request.actor
            )
            message = _("%(name)s is being reinstalled from %(image)s.")
            return respond_changed(
                request, instance, message % {"name": instance.name, "image": image}
            )
    except Refused as refusal:
        if form.is_bound:
            image_id = form.data.get("image", "")[:10]
            target = instance.audit_target
            record_refusal(request, Verb.REINSTALL, refusal, target, image=image_id)
        sentence = explain(request, refusal, form.data.get("image", ""))
        if not add_refusal(form, refusal, sentence=sentence):
            return render_refusal(request, InstanceAction.REINSTALL, instance, refusal)
    choice = build_image_choice(request, images, form)
    if choice["image_refusal"] and not instance.image_is_there:
        sentence = _("Image %(name)s is no longer available to your account.")
        choice["image_refusal"] = sentence % {"name": instance.image_name}
    context = {"instance": instance, "form": form, **choice, "back": get_list_url(instance)}
    return render_dialog(request, "images/reinstall_form.html", context, status=get_status(form))


class Change(NamedTuple):
    """A change of an instance that needs confirmation."""

    verb: Callable[..., Instance]
    against: Callable[[Instance, Actor], Refused | None]
    text: LazyText
    message: LazyText


CHANGES = {
    "start": Change(
        instances.start,
        rules.against_starting,
        gettext_lazy("The instance starts with its current system disk and IP address."),
        gettext_lazy("%(name)s is starting."),
    ),
    "stop": Change(
        instances.stop,
        rules.against_stopping,
        gettext_lazy(
            "Everything running on the instance stops. The system disk and IP address are kept."
        ),
        gettext_lazy("%(name)s is stopping."),
    ),
    "reboot": Change(
        instances.reboot,
        rules.against_stopping,
        gettext_lazy("Everything running on the instance stops, then the instance starts again."),
        gettext_lazy("%(name)s is rebooting."),
    ),
    "release": Change(
        instances.release,
        rules.against_releasing,
        gettext_lazy(
            "This can't be undone. The instance and its system disk are permanently "
            "deleted. Custom images created from it are kept."
        ),
        gettext_lazy("%(name)s was released."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: ConsoleRequest, region: str, instance_id: str, action: str) -> HttpResponse:
    """Start, stop, reboot or release an instance, after a confirmation."""
    instance = find_instance(request, region, instance_id)
    offered, operation = InstanceAction(action), CHANGES[action]
    try:
        if request.method == "POST":
            instance = operation.verb(instance=instance, by=request.actor)
            respond = respond_deleted if instance.released_at else respond_changed
            return respond(request, instance, str(operation.message % {"name": instance.name}))
        refuse_if(operation.against(instance, request.actor))
    except Refused as refusal:
        return render_refusal(request, offered, instance, refusal)
    confirmation = Confirmation(
        heading=offered.heading,
        text=operation.text,
        is_danger=offered is InstanceAction.RELEASE,
    )
    return confirm(
        request, confirmation, subject=instance, kind="instance", back=get_list_url(instance)
    )
