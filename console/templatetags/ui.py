"""The components that templates share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import to_locale

from accounts.activity import Party
from accounts.wording import listed

register = template.Library()
register.filter("listed", listed)


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """One symbol of the sprite, as decoration: the words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def moment(when: datetime) -> SafeString:
    """A time in UTC; console.js shows it in the reader's zone and keeps UTC on hover.

    Where there is JavaScript the <span> takes no room (static/css/base.css), so nothing moves then.
    """
    when = localtime(when)
    return format_html(
        '<time datetime="{}">{}<span> UTC</span></time>',
        when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        date_format(when, "DATETIME_FORMAT"),
    )


@register.filter
def language_tag(code: str) -> str:
    """Django's code of a language as HTML has it: zh-Hans."""
    return to_locale(code).replace("_", "-")


@register.inclusion_tag("components/language_switch.html", takes_context=True)
def language_switch(context: Context) -> dict[str, Any]:  # noqa: ARG001 - for the CSRF token
    """A button for each language, called by its own name."""
    return {"languages": settings.LANGUAGES}


@register.filter
def named(parties: Iterable[Party]) -> str:
    """Accounts in a sentence: up to three names, and how many more."""
    return listed([party.name for party in parties])


@register.inclusion_tag("components/copyable.html")
def copyable(value: str) -> dict[str, str]:
    """An ID in the monospace face with a button that copies it."""
    return {"value": value}


@register.inclusion_tag("components/meter.html")
def meter(used: int, limit: int) -> dict[str, Any]:
    """How full a limit is; the numbers stand beside it in words."""
    return {"used": min(used, limit), "limit": limit or 1, "low": limit * 0.8, "high": limit - 0.5}


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*parts: str) -> dict[str, Any]:
    """The way here: label, address, label, address, …; a label at the end is the page itself."""
    return {
        "links": list(zip(parts[::2], parts[1::2], strict=False)),
        "here": parts[-1] if len(parts) % 2 else "",
    }


@register.simple_block_tag
def sheet_header(content: str, back: str) -> SafeString:
    """What a dialog is called, and the cross that closes it; without htmx it leads `back`."""
    return render_to_string("components/sheet_header.html", {"heading": content, "back": back})


@register.simple_block_tag
def empty(content: str, symbol: str, heading: str, level: int = 2) -> SafeString:
    """Instead of rows: what belongs here, and the one button that fills it."""
    context = {"symbol": symbol, "heading": heading, "level": level, "content": content}
    return render_to_string("components/empty.html", context)
