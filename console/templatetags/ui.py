"""The console's components, for the templates of the administration, which are Django's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts import time_zones
from console import components

register = template.Library()
register.simple_tag(components.icon)
register.simple_tag(components.moment)
register.simple_tag(time_zones.describe_current, name="time_zone")
register.filter(components.with_headings)


@register.simple_tag(takes_context=True)
def component(context: Context, template_name: str, **values: Any) -> SafeString:
    """Return a template of the console, with the context and these values."""
    shown = {str(name): value for name, value in context.flatten().items()} | values
    return render_to_string(template_name, shown, context.get("request"))


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


@register.simple_block_tag
def empty(content: str, symbol: str, heading: str, level: int = 2) -> SafeString:
    """Show an empty state in place of rows: what will appear, and the button that adds it."""
    return components.empty(symbol, heading, level, caller=lambda: content)
