"""Failed images say why, in the list and on their page."""

from __future__ import annotations

import pytest

from images.models import Image

from ...factories import ImageFactory, ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db

REASONS = [
    ("source-gone", "The source was deleted before the image was ready."),
    ("source-unreadable", "The source's system disk couldn't be read."),
    ("import-format", "The imported file isn't a supported disk format."),
    ("data-lost", "The image's data can't be read anymore."),
    ("", "No reason was recorded."),
]


@pytest.mark.parametrize("status", ["CreatedFailed", "Error"])
@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason[0] or "none")
def test_a_failed_image_says_why(client_for, account, headers, status, reason):
    failure, sentence = reason
    image = ImageFactory.create(owner=account, settled_status=status, failure=failure)
    browser = client_for(account)

    row = text_of(browser.get("/bj/images/", headers=headers))
    page = text_of(browser.get(page_of(image), headers=headers))

    assert sentence in row
    assert f"{sentence} Delete this image and create it again." in page


def test_a_recipient_reads_the_reason_only(client_for, account):
    image = ImageFactory.create(settled_status="Error", failure="data-lost")
    ShareGrantFactory.create(image=image, recipient=account)

    page = text_of(client_for(account).get(page_of(image)))

    assert "The image's data can't be read anymore." in page
    assert "Delete this image" not in page


@pytest.mark.parametrize("traits", [{}, {"creating": True}, {"settled_status": "NotAvailable"}])
def test_other_images_have_no_reason(client_for, account, traits):
    image = ImageFactory.create(owner=account, **traits)

    assert "No reason was recorded." not in text_of(client_for(account).get(page_of(image)))
    assert Image.objects.get().failure_sentence == ""
