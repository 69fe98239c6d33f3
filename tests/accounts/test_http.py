"""Dialogs with and without htmx."""

from __future__ import annotations

import pytest

from ..factories import (
    ShareGrantFactory,
)
from ..images.pages import page_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("dialog", ["share/", "unshare/", "edit/", "delete/"])
def test_a_dialog_is_a_fragment_for_htmx_and_a_page_without(client_for, htmx, dialog):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)

    fragment = browser.get(page_of(grant.image, dialog), headers=htmx)
    page = browser.get(page_of(grant.image, dialog))

    assert "<html" not in fragment.content.decode()
    assert "<html" in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]
