"""Template tags and filters for shared components."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import zip_longest
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext, to_locale

from accounts import drawn_for, time_zones
from accounts.activity import AccountRef
from accounts.wording import join_names, join_sentences
from console import bundles

register = template.Library()
register.filter("join_names", join_names)
register.simple_tag(join_sentences)


@register.simple_tag
@cache
def icon(name: str, classes: str = "") -> SafeString:
    """Return a symbol of the sprite, as decoration: the text beside it has the meaning."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def scripts() -> list[str]:
    """Return the URLs of the console's own scripts, in order."""
    return [static(name) for name in bundles.get_scripts()]


@register.simple_tag
def moment(when: datetime) -> SafeString:
    """Return a time in the reader's zone. The tooltip has that zone, and the exact time in UTC."""
    local, zone = localtime(when), get_current_timezone()
    exact = f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    is_utc = time_zones.get_name(zone) == "UTC"
    return format_html(
        '<time datetime="{}" title="{}">{}{}</time>',
        when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        exact if is_utc else f"{time_zones.describe(zone, when)} · {exact}",
        date_format(local, "DATETIME_FORMAT"),
        " UTC" if is_utc else "",
    )


register.simple_tag(time_zones.describe_current, name="time_zone")


@register.filter
def language_tag(code: str) -> str:
    """Return the HTML language tag for a Django language code, such as zh-Hans."""
    return to_locale(code).replace("_", "-")


@register.inclusion_tag("components/language_switch.html", takes_context=True)
def language_switch(context: Context) -> dict[str, Any]:  # noqa: ARG001 - for the CSRF token
    """Show a button for each language, named in that language."""
    return {"languages": settings.LANGUAGES}


@register.inclusion_tag("components/form_fields.html", takes_context=True)
def form_fields(context: Context) -> dict[str, Any]:
    """Return the hidden fields of a form that changes something.

    Beside the CSRF token: the account and person the form is drawn for, and its one-time ID.
    """
    return {
        "drawn_for": drawn_for.describe(context["request"]),
        "form_id": secrets.token_urlsafe(16),
    }


@register.filter
def join_account_names(accounts: Iterable[AccountRef]) -> str:
    """Return up to three account names and the number of the others, for use in a sentence."""
    return join_names([account.name for account in accounts])


@register.simple_tag
def copyable(value: str, label: str = "", *, autofocus: bool = False) -> SafeString:
    """Show an ID in monospace, with a copy button. `label` is the button's, if not "Copy …"."""
    return format_html(
        '<span class="copyable"><code>{0}</code><button class="icon-button" type="button" '
        'data-copy="{0}" aria-label="{1}"{2}>{3}{4}</button></span>',
        value,
        label or gettext("Copy %(value)s") % {"value": value},
        SafeString(" autofocus" if autofocus else ""),
        icon("copy", "copy"),
        icon("check", "done"),
    )


@register.inclusion_tag("components/print_head.html", takes_context=True)
def print_head(context: Context) -> dict[str, Any]:
    """Show, on paper only, the account, the region and the time of the page."""
    account = getattr(context["request"], "account", None)
    region = context["frame"].region if account else None
    return {"account": account, "region": region, "now": timezone.now()}


@register.inclusion_tag("components/meter.html")
def meter(used: int, limit: int) -> dict[str, Any]:
    """Show how full a limit is. The numbers are in the text beside it."""
    return {"used": min(used, limit), "limit": limit or 1, "low": limit * 0.8, "high": limit - 0.5}


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*parts: str) -> dict[str, Any]:
    """Show the path to the page: label, URL, label, URL, … A label at the end is this page."""
    return {
        "links": list(zip(parts[::2], parts[1::2], strict=False)),
        "here": parts[-1] if len(parts) % 2 else "",
    }


# What a cell of Django's lists starts with, and what it starts with here
STARTS = {"<td": SafeString("<td"), "<th": SafeString('<th scope="row"')}


@register.filter
def label_cells(cells: Iterable[str], headers: Sequence[Mapping[str, Any]]) -> list[SafeString]:
    """Return the cells of a row of the administration, each with its heading for narrow screens."""
    return [
        format_html(
            '{} data-label="{}"{}',
            STARTS[cell[:3]],
            capfirst(header["text"]),
            SafeString(cell[3:]),
        )
        if header["text"] and "action-checkbox" not in cell
        else SafeString(cell)
        for header, cell in zip(headers, cells, strict=False)
    ]


@register.filter
def as_cells(texts: Sequence[str]) -> SafeString:
    """Return the texts, which are few, as many cells: a loop of tags would take milliseconds."""
    cells = {text: f"<td>{escape(text)}</td>" for text in set(texts)}
    return SafeString("".join(cells[text] for text in texts))


@register.filter
def with_headings(row: Iterable[Any], headings: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Return each cell of a row with its heading, for narrow screens."""
    return list(zip_longest(row, headings))


@register.simple_block_tag
def sheet_header(content: str, back: str) -> SafeString:
    """Show a dialog's heading and close button. Without htmx the button links to `back`."""
    return render_to_string("components/sheet_header.html", {"heading": content, "back": back})


@register.simple_block_tag
def empty(content: str, symbol: str, heading: str, level: int = 2) -> SafeString:
    """Show an empty state in place of rows: what will appear, and the button that adds it."""
    context = {"symbol": symbol, "heading": heading, "level": level, "content": content}
    return render_to_string("components/empty.html", context)
