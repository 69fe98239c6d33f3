from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.actors import Actor
from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, dialog, posted
from accounts.wording import LazyText
from images import instances, locks, regions, rules
from images.actions import InstanceAction, offers_on_instance
from images.forms import CreateInstanceForm, InstanceFilter, ReinstallForm, show
from images.models import Image, Instance, InstanceQuerySet, Region
from images.specs import SPECS

from . import answers
from .answers import changed, gone, list_of, note, refused
from .guards import find_instance
from .images import PAGE_SIZE, Tab


@require_safe
def instance_list(request: ConsoleRequest, region: str) -> HttpResponse:
    account = request.account
    here = regions.find(request, region)
    form = InstanceFilter(request.GET)
    found = filtered(Instance.objects.owned_by(account).in_region(here.code), form)
    page = Paginator(found.with_image_still_there(account), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "region": here,
        "form": form,
        "is_filtered": any(form.cleaned_data.values()),
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number),
        "rows": [row(instance, request) for instance in page],
        "settling": [instance for instance in page if instance.is_settling],
    }
    template = "images/instance_list.html" + ("#instances" if request.htmx else "")
    return render(request, template, context)


def filtered(found: InstanceQuerySet, form: InstanceFilter) -> InstanceQuerySet:
    form.is_valid()
    wanted = form.cleaned_data
    if wanted.get("q"):
        found = found.called(wanted["q"])
    if wanted.get("status"):
        found = found.in_status(wanted["status"])
    return found


def row(instance: Instance, request: ConsoleRequest) -> dict[str, Any]:
    return {"instance": instance, "offers": offers_on_instance(instance, request.actor)}


@require_safe
def progress(request: ConsoleRequest, region: str) -> HttpResponse:
    own = Instance.objects.owned_by(request.account).in_region(region)
    found = own.filter(instance_id__in=request.GET.getlist("id"))
    return answers.progress(request, found, event="instances:changed")


@require_safe
def detail(request: ConsoleRequest, region: str, instance_id: str) -> HttpResponse:
    instance = find_instance(request, region, instance_id)
    context = {
        "instance": instance,
        "offers": offers_on_instance(instance, request.actor),
        "settling": [instance] if instance.is_settling else [],
    }
    template = "images/instance_detail.html" + ("#instance" if request.htmx else "")
    return render(request, template, context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest, region: str) -> HttpResponse:
    here = regions.find(request, region)
    images = images_to_choose(request, here)
    chosen = request.GET.get("image")
    form = CreateInstanceForm(posted(request), initial={"image": chosen})
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            image = one_of(images, wanted["image"])
            order = instances.Order(
                spec=SPECS[wanted["spec"]],
                names=instances.numbered(wanted["name"], wanted["count"]),
                password=form.new_password,
                system_disk_gb=wanted["system_disk_gb"],
            )
            made = instances.create(image=image, order=order, by=request.actor)
        except Refused as refusal:
            note(request, Verb.CREATE_INSTANCE, refusal, image=wanted["image"][:10])
            show(refusal, form)
        else:
            return created(request, made)
    context = {"form": form, "region": here, **image_choice(request, images, form)}
    template = "images/instance_create.html" + ("#create" if request.htmx else "")
    return render(request, template, context, status=422 if form.is_bound else 200)


def created(request: ConsoleRequest, made: list[Instance]) -> HttpResponse:
    names = made[0].name if len(made) == 1 else f"{made[0].name} – {made[-1].name}"
    message = ngettext("%(names)s is starting.", "%(names)s are starting.", len(made))
    response = changed(request, made[0], message % {"names": names})
    return HttpResponseClientRedirect(list_of(made[0])) if request.htmx else response


def images_to_choose(request: ConsoleRequest, region: Region) -> list[Image]:
    visible = Image.objects.visible_to(request.account).in_region(region.code)
    return list(visible.select_related("owner", "region").order_by("name", "image_id"))


def one_of(images: list[Image], image_id: str) -> Image:
    """Raises locks.NoSuchImage."""
    for image in images:
        if image.image_id == image_id:
            return image
    raise locks.NoSuchImage


TABS = {Image.Type.CUSTOM: Tab.CUSTOM, Image.Type.SHARING: Tab.SHARED}


def image_choice(
    request: ConsoleRequest, images: list[Image], form: ReinstallForm
) -> dict[str, Any]:
    """The images to choose from, each with its tab and what stands against it."""
    choices = [
        (image, TABS.get(image.type_for(request.account), Tab.PUBLIC), rules.against_using(image))
        for image in images
    ]
    here = {image.image_id: tab for image, tab, _refusal in choices}
    wanted = form["image"].value()
    asked = form.data.get("type") or request.GET.get("type")
    tab = here.get(wanted) or (Tab(asked) if asked in Tab.values else Tab.PUBLIC)
    counts = [(each, sum(other is each for other in here.values())) for each in ORDER]
    lost = None if form.is_bound or not wanted else why_not(wanted, choices)
    return {"choices": choices, "tabs": counts, "tab": tab, "lost": lost}


def why_not(image_id: str, choices: list[tuple[Image, Tab, Refused | None]]) -> Refused | None:
    """What stands against the image that the address names."""
    refusals = {image.image_id: refusal for image, _tab, refusal in choices}
    return refusals.get(image_id, locks.NoSuchImage())


ORDER = [Tab.PUBLIC, Tab.CUSTOM, Tab.SHARED]


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reinstall(request: ConsoleRequest, region: str, instance_id: str) -> HttpResponse:
    instance = find_instance(request, region, instance_id)
    form = ReinstallForm(posted(request), initial={"image": instance.image_id})
    try:
        rules.require(rules.against_reinstalling(instance, request.actor))
        images = images_to_choose(request, instance.region)
        if form.is_valid():
            image = one_of(images, form.cleaned_data["image"])
            instances.reinstall(
                instance=instance, image=image, password=form.new_password, by=request.actor
            )
            message = _("%(name)s is being reinstalled from %(image)s.")
            return changed(request, instance, message % {"name": instance.name, "image": image})
    except Refused as refusal:
        if form.is_bound:
            chosen = form.data.get("image", "")
            note(request, Verb.REINSTALL, refusal, instance.audit_target, image=chosen[:10])
        try:
            show(refusal, form)
        except Refused:
            return refused(request, InstanceAction.REINSTALL, instance, refusal)
    context = {
        "instance": instance,
        "form": form,
        **image_choice(request, images, form),
        "back": list_of(instance),
    }
    if context["lost"] and not instance.image_is_there:
        sentence = _("The image %(name)s is no longer available to this account.")
        context["lost"] = sentence % {"name": instance.image_name}
    status = 422 if form.is_bound else 200
    return dialog(request, "images/reinstall_form.html", context, status=status)


class Change(NamedTuple):
    """An action that only asks whether one is sure."""

    verb: Callable[..., Instance]
    against: Callable[[Instance, Actor], Refused | None]
    consequence: str | LazyText
    told: str | LazyText


CHANGES = {
    "start": Change(
        instances.start,
        rules.against_starting,
        gettext_lazy("It starts with the disk and the address that it had."),
        gettext_lazy("%(name)s is starting."),
    ),
    "stop": Change(
        instances.stop,
        rules.against_stopping,
        gettext_lazy("What runs on it ends. Its disk and its address are kept."),
        gettext_lazy("%(name)s is stopping."),
    ),
    "reboot": Change(
        instances.reboot,
        rules.against_stopping,
        gettext_lazy("What runs on it ends, and it starts again."),
        gettext_lazy("%(name)s is rebooting."),
    ),
    "release": Change(
        instances.release,
        rules.against_releasing,
        gettext_lazy(
            "This cannot be undone. The instance and its disk are gone for good; "
            "custom images made of it stay."
        ),
        gettext_lazy("%(name)s was released."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: ConsoleRequest, region: str, instance_id: str, action: str) -> HttpResponse:
    """Ask whether one is sure to start, stop, reboot or release an instance; then do it."""
    instance = find_instance(request, region, instance_id)
    what = CHANGES[action]
    try:
        if request.method == "POST":
            instance = what.verb(instance=instance, by=request.actor)
            answer = gone if instance.released_at else changed
            return answer(request, instance, str(what.told % {"name": instance.name}))
        rules.require(what.against(instance, request.actor))
    except Refused as refusal:
        return refused(request, InstanceAction(action), instance, refusal)
    context = {
        "instance": instance,
        "action": InstanceAction(action),
        "what": what,
        "back": list_of(instance),
    }
    return dialog(request, "images/change_form.html", context)
