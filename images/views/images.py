from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url

from accounts import roles, standby
from accounts.activity import read_events
from accounts.audit import Verb
from accounts.http import ConsoleRequest
from accounts.kept import Kept, Parameter
from accounts.models import Account, find_latest
from images import quotas, restoring, rules
from images.forms import ImageFilter
from images.models import Image, ImageQuerySet, Instance, InstanceQuerySet

from . import columns, recipients, regions, responses
from .activity import add_undo
from .guards import find_image
from .offers import IN_ROW, TOOLBAR, get_offers

PAGE_SIZE = 20
# Links of the chain of sources, each of which takes a query
MAX_SOURCES = 4


class Tab(models.TextChoices):
    CUSTOM = "custom", gettext_lazy("Custom Images")
    SHARED = "shared", gettext_lazy("Shared Images")
    PUBLIC = "public", gettext_lazy("Public Images")


@require_safe
@standby.lists
def image_list(request: ConsoleRequest, region: str) -> HttpResponse:
    account = request.account
    current_region = regions.get_region(request, region)
    tab = Tab(request.GET["type"]) if request.GET.get("type") in Tab.values else Tab.CUSTOM
    query = get_query(request)
    form = ImageFilter(query)
    sort = columns.read_sort(query.get("sort", ""), columns.COLUMNS[tab.value])
    images = filter_images(get_tab_images(tab, account).in_region(current_region.code), form)
    is_filtered = any(form.cleaned_data.values())
    paginator = Paginator(sort.apply(images), PAGE_SIZE)
    if not is_filtered:
        paginator.count = getattr(current_region, tab.value)
    page = paginator.get_page(query.get("page"))
    context = {
        "region": current_region,
        "tab": tab,
        "tabs": [(each, getattr(current_region, each.value)) for each in Tab],
        "form": form,
        "is_filtered": is_filtered,
        "query": query,
        "address": get_address(request, query),
        "sort": sort,
        "headings": columns.build_headings(
            sort, columns.COLUMNS[tab.value], default=columns.NEWEST_FIRST
        ),
        "is_refiltered": is_refiltered(request),
        "actions": TOOLBAR,
        "against_creating": roles.against(Verb.CREATE_IMAGE, request.actor),
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number),
        "rows": [build_row(image, request) for image in page],
        "settling": [image for image in page if image.is_settling],
        "recipient_limit": quotas.get_recipient_limit(account),
        "custom_limit": quotas.get_custom_limit(account),
        "received": regions.count_received_images(request),
        "received_limit": quotas.get_received_limit(account),
    }
    template = "images/image_list.html" + ("#images" if request.htmx else "")
    response = render(request, template, context)
    return keep_address(request, response, query) if is_refiltered(request) else response


def get_query(request: ConsoleRequest) -> QueryDict:
    """Return the query without blank values, so that it makes short addresses."""
    query = request.GET.copy()
    for name in request.GET:
        if not query[name]:
            del query[name]
    return query


def get_address(request: ConsoleRequest, query: QueryDict) -> str:
    return f"{request.path}?{query.urlencode()}" if query else request.path


def is_refiltered(request: ConsoleRequest) -> bool:
    """Return True if a filter was changed on the page, so that only the rows are rendered."""
    return bool(request.htmx) and request.htmx.trigger == "filters"


def keep_address(request: ConsoleRequest, response: HttpResponse, query: QueryDict) -> HttpResponse:
    """Make the filters an address of the browser, to share it and to go back.

    While somebody types, there is one entry in the history, not one for each letter.
    """
    before = QueryDict(urlsplit(request.htmx.current_url or "").query, mutable=True)
    was_searched = before.pop("q", [""]) != [""]
    others = {name: values for name, values in query.lists() if name != "q"}
    is_typing = was_searched == ("q" in query) and others == dict(before.lists())
    put = replace_url if is_typing else push_url
    return put(response, get_address(request, query))


def get_tab_images(tab: Tab, account: Account) -> ImageQuerySet:
    """Return the images of a tab, with the data of its columns."""
    if tab is Tab.CUSTOM:
        return Image.objects.owned_by(account).with_recipient_count()
    if tab is Tab.SHARED:
        shared = Image.objects.shared_with(account).with_shared_at(account)
        return shared.select_related("owner")
    return Image.objects.public()


def filter_images(images: ImageQuerySet, form: ImageFilter) -> ImageQuerySet:
    form.is_valid()
    data = form.cleaned_data
    if data.get("q"):
        images = images.search(data["q"])
    if data.get("status"):
        images = images.in_status(data["status"])
    if data.get("os"):
        images = images.filter(os_type=data["os"])
    if data.get("shared") == "yes":
        images = images.shared_with_somebody()
    if data.get("shared") == "no":
        images = images.shared_with_nobody()
    return images


def build_row(image: Image, request: ConsoleRequest) -> dict[str, Any]:
    count = getattr(image, "recipient_count", 0)
    offers = get_offers(image, request.actor, recipient_count=count)
    return {"image": image, "url": image.get_absolute_url(), "offers": offers}


@require_safe
def progress(request: ConsoleRequest, region: str) -> HttpResponse:
    visible = Image.objects.visible_to(request.account).in_region(region)
    rows = visible.filter(image_id__in=request.GET.getlist("id"))
    return responses.render_progress(request, rows, event="images:changed")


@require_safe
def menu(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    """Show the actions of a row that aren't its buttons."""
    image = find_image(request, region, image_id)
    count = image.grants.count() if image.owner == request.account else 0
    offers = get_offers(image, request.actor, recipient_count=count)[IN_ROW:]
    return render(request, "images/offers_menu.html", {"subject": image, "offers": offers})


@Kept
def find_instances(owner: Parameter, image_id: Parameter) -> InstanceQuerySet:
    """Return the account's latest instances of an image."""
    return Instance.objects.live().filter(owner=owner, image_id=image_id)[:PAGE_SIZE]


@require_safe
def detail(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse:
    image = find_image(request, region, image_id)
    is_own = rules.against_inspecting(image, request.actor) is None
    instances = find_instances(owner=request.account.pk, image_id=image_id)
    grants = recipients.read_grants(image) if is_own else []
    events = find_latest(account_id=request.account.account_id, target_id=image_id)
    activities = read_events(events, reader=request.account)
    is_shareable = rules.against_sharing(image, request.actor) is None
    sort = columns.read_sort(request.GET.get("sort", ""), recipients.COLUMNS)
    context = {
        "image": image,
        "is_own": is_own,
        "against_unsharing": rules.against_choosing_recipients(image, request.actor),
        "grants": recipients.sort_grants(grants, sort),
        "headings": columns.build_headings(sort, recipients.COLUMNS, default=recipients.BY_ACCOUNT),
        "sort": sort,
        "q": request.GET.get("recipient", ""),
        "found": recipients.find_ids(grants, request.GET.get("recipient", "")),
        "sources": trace_sources(image, request.account) if is_own else [],
        "type": image.type_for(request.account),
        "instances": instances,
        "settling": [image] if image.is_settling else [],
        "settling_instances": [instance for instance in instances if instance.is_settling],
        "offers": get_offers(image, request.actor, recipient_count=len(grants)),
        "recipient_limit": quotas.get_recipient_limit(image.owner),
        "activities": add_undo(
            activities, restoring.find_restorable(activities) if is_shareable else ()
        ),
    }
    template = "images/image_detail.html" + ("#image" if request.htmx else "")
    return render(request, template, context)


@dataclass(frozen=True, slots=True)
class Source:
    """What an image was created from. `name` and `url` are empty if the account can't see it."""

    public_id: str
    name: str = ""
    url: str = ""


def trace_sources(image: Image, account: Account) -> list[Source]:
    """Return the sources of the image, the closest first: instances and images in turn.

    The chain ends with what the account can't see. A released instance has a name, but no page.
    """
    sources: list[Source] = []
    next_id, name = image.source, ""
    while next_id and len(sources) < MAX_SOURCES:
        if next_id.startswith("i-"):
            instance = Instance.objects.filter(owner=account, instance_id=next_id).first()
            if instance is None:
                return [*sources, Source(next_id)]
            url = "" if instance.released_at else instance.get_absolute_url()
            sources.append(Source(next_id, instance.name, url))
            next_id, name = instance.image_id, instance.image_name
        else:
            visible = Image.objects.visible_to(account).filter(image_id=next_id).first()
            if visible is None:
                return [*sources, Source(next_id, name)]
            sources.append(Source(next_id, visible.name, visible.get_absolute_url()))
            next_id = visible.source if visible.owner_id == account.pk else ""
            name = ""
    return sources
