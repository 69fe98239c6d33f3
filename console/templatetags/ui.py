"""The components that templates share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.timezone import localtime

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.safestring import SafeString

register = template.Library()


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
    """A time in UTC; console.js shows it in the reader's zone and keeps UTC on hover."""
    when = localtime(when)
    return format_html(
        '<time datetime="{}">{} UTC</time>',
        when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        when.strftime("%Y-%m-%d %H:%M"),
    )


@register.inclusion_tag("components/copyable.html")
def copyable(value: str) -> dict[str, str]:
    """An ID in the monospace face with a button that copies it."""
    return {"value": value}


@register.inclusion_tag("components/meter.html")
def meter(used: int, limit: int) -> dict[str, Any]:
    """How full a limit is; the numbers stand beside it in words."""
    return {"used": min(used, limit), "limit": limit or 1, "low": limit * 0.8, "high": limit - 0.5}
