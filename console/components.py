"""What templates can call: small components, and how values are shown."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.template.defaultfilters import urlencode
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext, to_locale
from django_htmx.jinja import htmx_script
from jinja2 import pass_context
from jinja2.runtime import Context

from accounts import time_zones
from accounts.activity import AccountRef
from accounts.links import url_for
from accounts.wording import join_names, join_sentences

from . import bundles


@cache
def icon(name: str, classes: str = "") -> SafeString:
    """Return a symbol of the sprite, as decoration: the text beside it has the meaning."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("img/icons.svg"),
        name,
    )


def scripts() -> list[str]:
    """Return the URLs of the console's own scripts, in order."""
    return [static(name) for name in bundles.get_scripts()]


def moment(when: datetime) -> SafeString:
    """Return a time in the reader's zone. The tooltip has that zone, and the exact time in UTC."""
    return show_moment(when, get_current_timezone(), get_language())


@lru_cache(maxsize=1000)  # what was shared in one step has one time
def show_moment(when: datetime, zone: tzinfo, _language: str) -> SafeString:
    local = when.astimezone(zone)
    exact = str(when.astimezone(UTC))[:19]
    is_utc = time_zones.get_name(zone) == "UTC"
    return format_html(
        '<time datetime="{}Z" title="{}{} UTC">{}{}</time>',
        exact.replace(" ", "T"),
        "" if is_utc else f"{time_zones.describe(zone, when)} · ",
        exact,
        date_format(local, "DATETIME_FORMAT"),
        " UTC" if is_utc else "",
    )


def language_tag(code: str) -> str:
    """Return the HTML language tag for a Django language code, such as zh-Hans."""
    return to_locale(code).replace("_", "-")


def new_form_id() -> str:
    """Return the one-time ID of a form, so that a repeated form changes nothing twice."""
    return secrets.token_urlsafe(16)


def join_account_names(accounts: Iterable[AccountRef]) -> str:
    """Return up to three account names and the number of the others, for use in a sentence."""
    return join_names([account.name for account in accounts])


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


def meter(used: int, limit: int) -> SafeString:
    """Show how full a limit is. The numbers are in the text beside it."""
    return format_html(
        '<meter class="meter" min="0" max="{}" low="{}" high="{}" optimum="0" value="{}" '
        'aria-hidden="true"></meter>',
        limit or 1,
        limit * 0.8,
        limit - 0.5,
        min(used, limit),
    )


def breadcrumb(*parts: str) -> SafeString:
    """Show the path to the page: label, URL, label, URL, … A label at the end is this page."""
    links = list(zip(parts[::2], parts[1::2], strict=False))
    here = parts[-1] if len(parts) % 2 else ""
    return render_to_string("components/breadcrumb.html", {"links": links, "here": here})


@pass_context
def querystring(context: Context, query: QueryDict | None = None, **changes: Any) -> str:
    """Return the query, or that of the request, with changes: None removes a parameter."""
    given = context["request"].GET if query is None else query
    changed = given.copy()
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return f"?{changed.urlencode()}" if changed or given else ""


def as_cells(texts: Sequence[str]) -> SafeString:
    """Return the texts, which are few, as many cells: a loop of tags would take milliseconds."""
    cells = {text: f"<td>{escape(text)}</td>" for text in set(texts)}
    return SafeString("".join(cells[text] for text in texts))


def with_headings(row: Iterable[Any], headings: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Return each cell of a row with its heading, for narrow screens."""
    return list(zip_longest(row, headings))


def sheet_header(back: str, *, caller: Callable[[], str]) -> SafeString:
    """Show a dialog's heading and close button. Without htmx the button links to `back`."""
    return render_to_string("components/sheet_header.html", {"heading": caller(), "back": back})


def empty(symbol: str, heading: str, level: int = 2, *, caller: Callable[[], str]) -> SafeString:
    """Show an empty state in place of rows: what will appear, and the button that adds it."""
    context = {"symbol": symbol, "heading": heading, "level": level, "content": caller()}
    return render_to_string("components/empty.html", context)


FUNCTIONS = {
    "breadcrumb": breadcrumb,
    "copyable": copyable,
    "current_time": timezone.now,
    "empty": empty,
    "get_language": get_language,
    "htmx_script": htmx_script,
    "icon": icon,
    "join_sentences": join_sentences,
    "languages": settings.LANGUAGES,
    "meter": meter,
    "moment": moment,
    "new_form_id": new_form_id,
    "querystring": querystring,
    "scripts": scripts,
    "sheet_header": sheet_header,
    "static": static,
    "time_zone": time_zones.describe_current,
    "url_for": url_for,
}
FILTERS = {
    "as_cells": as_cells,
    "join_account_names": join_account_names,
    "join_names": join_names,
    "language_tag": language_tag,
    "urlencode": urlencode,
    "with_headings": with_headings,
}
