"""Helpers for the tests of pages: URLs, and the text of a response."""

from __future__ import annotations

import html
import re

from images.models import Image, Instance


def text_of(response):
    """Return the visible text with single spaces."""
    page = re.sub(r"<(script|style|svg).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


def without_ids(response):
    """Return the content without what differs: request IDs, hidden fields, the time of print."""
    content = re.sub(rb'<input\s+type="hidden".*?>', b"", response.content, flags=re.DOTALL)
    content = re.sub(rb'<(\w+) class="print-head".*?</\1>', b"", content, flags=re.DOTALL)
    return re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"", content)


def page_of(image, dialog=""):
    return f"/{image.region_id}/images/{image.image_id}/{dialog}"


def share(browser, image, accounts, headers=None, **fields):
    data = {"accounts": accounts, "acknowledged": "on", **fields}
    return browser.post(page_of(image, "share/"), data, headers=headers)


def all_rows():
    return [list(model.objects.order_by("pk").values()) for model in (Image, Instance)]
