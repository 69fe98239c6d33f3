"""The tables on the pages of an account and its closing: what it has, and what becomes of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.models import AccessKey, Account, AuditEvent

from .. import quotas
from ..closing import Choice
from ..holdings import Dependants, Holdings
from ..models import Image, Instance, Region, ShareGrant


class Cell(NamedTuple):
    text: Any
    url: str = ""


class Table(NamedTuple):
    """A table with a heading. It is left out if it has no rows."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def build(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    cells = [[each if isinstance(each, Cell) else Cell(each) for each in row] for row in rows]
    return Table(title, headings, cells)


def link(row: Model, text: Any = None) -> Cell:
    """Return the name of a row with a link to its page in the administration."""
    url = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    return Cell(str(row) if text is None else text, url)


def link_list(model: type[Model], text: Any, query: str, *, by: str = "q") -> Cell:
    """Return a text with a link to the list of a model, filtered `by` a parameter."""
    url = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
    return Cell(text, f"{url}?{urlencode({by: query})}")


def render(cell: Cell) -> SafeString:
    """Return the cell for a column of Django's lists."""
    return format_html('<a href="{}">{}</a>', cell.url, cell.text)


def render_status(subject: Image | Instance) -> SafeString:
    """Return the status as the console shows it, for a list that isn't refreshed."""
    context = {"subject": subject, "is_heading": True, "is_still": True}
    return render_to_string("components/status.html", context)


def format_time(at: Any) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else "–"


def format_bool(value: bool) -> str:  # noqa: FBT001
    return _("Yes") if value else _("No")


# What an account has


def list_people(held: Holdings) -> Table:
    keys = defaultdict(list)
    for key in held.keys:
        keys[key.user_id].append(key)
    rows = [
        (
            link(person),
            person.get_role_display(),
            format_bool(person.is_active),
            len([key for key in keys[person.pk] if key.is_active]),
            format_time(
                max((k.last_used_at for k in keys[person.pk] if k.last_used_at), default=None)
            ),
        )
        for person in held.people
    ]
    headings = [_("Person"), _("Role"), _("Active"), _("Active access keys"), _("Key last used")]
    return build(_("People"), headings, rows)


def list_keys(keys: Iterable[AccessKey]) -> Table:
    rows = [
        (
            link(key, key.key_id),
            key.description,
            key.user.username,
            format_bool(key.is_active),
            format_time(key.last_used_at),
        )
        for key in keys
    ]
    headings = [_("Access key"), _("Description"), _("Person"), _("Active"), _("Last used")]
    return build(_("Access keys"), headings, rows)


def list_limits(held: Holdings) -> Table:
    """Return the use of each limit, with that of the image that is shared most."""
    account = held.account
    by_region = Counter(image.region for image in held.images)
    by_image = Counter(grant.image for grant in held.given)
    rows: list[Sequence[Any]] = [
        (_("Custom images"), region.name, say_use(used, quotas.get_custom_limit(account)))
        for region, used in sorted(by_region.items(), key=lambda item: item[0].code)
    ]
    for image, used in by_image.most_common(1):
        limit = quotas.get_recipient_limit(account)
        rows.append((_("Recipients of an image, at most"), link(image), say_use(used, limit)))
    received = say_use(len(held.received), quotas.get_received_limit(account))
    rows.append((_("Received images"), _("All regions"), received))
    return build(_("Use of limits"), [_("Limit"), _("Of"), _("In use")], rows)


def say_use(used: int, limit: int) -> str:
    return f"{used} / {limit}"


def list_given(grants: Iterable[ShareGrant]) -> Table:
    counts = Counter(grant.image for grant in grants)
    rows = [
        (link(image), image.region.name, link_list(ShareGrant, count, image.image_id))
        for image, count in counts.items()
    ]
    return build(_("Shared images"), [_("Image"), _("Region"), _("Shared with")], rows)


def list_received(grants: Iterable[ShareGrant]) -> Table:
    rows = [
        (
            link(grant.image),
            grant.image.region.name,
            link(grant.image.owner) if grant.image.owner else "",
            format_time(grant.shared_at),
        )
        for grant in grants
    ]
    headings = [_("Image"), _("Region"), _("Owner"), _("Shared since")]
    return build(_("Received images"), headings, rows)


def list_dependants(rows: Iterable[Dependants]) -> Table:
    return build(
        _("Instances of other accounts from its images"),
        [_("Image"), _("Account"), _("Instances")],
        [
            (row.image_name, row.owner, link_list(Instance, row.instances, row.image_id))
            for row in rows
        ],
    )


def list_images(images: Iterable[Image]) -> Table:
    rows = [(link(i), i.image_id, i.region.name, i.status_label) for i in images]
    return build(_("Images"), [_("Image"), _("ID"), _("Region"), _("Status")], rows)


def list_instances(instances: Iterable[Instance]) -> Table:
    rows = [(link(i), i.instance_id, i.region.name, i.status_label) for i in instances]
    return build(_("Instances"), [_("Instance"), _("ID"), _("Region"), _("Status")], rows)


def list_closings(events: Iterable[AuditEvent], account: Account) -> Table:
    rows = [
        (
            Cell(
                format_time(event.at),
                reverse("admin:accounts_account_closing", args=[account.pk, event.pk]),
            ),
            event.actor,
        )
        for event in events
    ]
    return build(_("Reports of its closing"), [_("Time"), _("Closed by")], rows)


def list_unreleasable(rows: Iterable[tuple[Image | Instance, Refused]]) -> Table:
    return build(
        _("Can't be deleted or released right now"),
        [_("Name"), _("Reason")],
        [(link(row), str(refusal)) for row, refusal in rows],
    )


# What was closed


def list_summary(event: AuditEvent) -> Table:
    """Return who closed the account, and when. `event` is that of the closing."""
    facts = event.detail
    rows = [
        (_("Account"), event.target_name),
        (_("Account ID"), event.target_id),
        (_("Closed"), format_time(event.at)),
        (_("Closed by"), event.actor),
        (_("Request ID"), event.request_id),
        (_("People"), ", ".join(facts["people"]) or "–"),
        (_("Ended sessions"), facts["sessions"]),
        (_("Images and instances"), say_fate(facts)),
    ]
    return build(_("Summary"), ["", ""], rows)


def say_fate(facts: dict[str, Any]) -> str:
    """Return what became of the images and instances."""
    if facts["choice"] == Choice.HAND_OVER:
        return _("Handed over to %(name)s (%(id)s)") % {
            "name": facts["newOwner"],
            "id": facts["newOwnerId"],
        }
    if facts["choice"] == Choice.RELEASE:
        return _("Images deleted, instances released")
    return _("Kept in the closed account")


def report(event: AuditEvent, batch: Iterable[AuditEvent]) -> list[Table]:
    """Return what a closing did, from its own event and the others of its batch."""
    batch = list(batch)
    regions = {region.code: region.name for region in Region.objects.all()}
    unshared = [each for each in batch if each.verb == Verb.UNSHARE_IMAGE]
    given, received = [], []
    for each in unshared:
        names = [share["account"] for share in each.detail["recipients"]]
        row = (each.target_name, each.target_id, regions.get(each.region, each.region))
        if event.target_id in each.recipients:
            received.append(row)
        else:
            given.append((*row, len(names), ", ".join(names)))
    keys = [(e.target_id, e.target_name) for e in batch if e.verb == Verb.DISABLE_KEY]
    image = [_("Image"), _("ID"), _("Region")]
    tables = [
        list_summary(event),
        build(_("Unshared images"), [*image, _("Accounts"), _("Unshared from")], given),
        build(_("Received images that were taken"), image, received),
        build(_("Disabled access keys"), [_("Access key"), _("Description")], keys),
    ]
    for title, key in ((_("Images"), "images"), (_("Instances"), "instances")):
        rows = [(r["name"], r["id"], regions.get(r["region"], "")) for r in event.detail[key]]
        tables.append(build(title, [_("Name"), _("ID"), _("Region")], rows))
    return [table for table in tables if table.rows]
