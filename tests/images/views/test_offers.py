"""Which actions are offered, and why the others are not."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent

from ...factories import (
    AccountFactory,
    ImageFactory,
    ShareGrantFactory,
)
from ..pages import all_rows, page_of, text_of

pytestmark = pytest.mark.django_db


def test_a_disabled_action_says_why(client_for, account):
    making = ImageFactory.create(owner=account, creating=True)
    ShareGrantFactory.create_batch(3, image__owner=account, image=ImageFactory(owner=account))

    page = text_of(client_for(account).get("/bj/images/"))

    assert "Only an available image can be shared, copied or used." in page
    assert "Shared with 3 accounts. Unshare it first." in page
    assert "An image that is being created cannot be deleted." in page
    assert making.name in page


NOT_YET = "Only an available image can be shared, copied or used."

REFUSED = [
    ("creating", "share/", NOT_YET),
    ("creating", "copy/", NOT_YET),
    ("creating", "delete/", "An image that is being created cannot be deleted."),
    ("creating", "cancel/", "This image is not being copied any more."),
    ("copying", "share/", NOT_YET),
    ("copying", "copy/", NOT_YET),
    ("copying", "delete/", "An image that is being copied cannot be deleted."),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_an_image_in_the_making_is_left_alone(client_for, account, headers, case):
    state, dialog, sentence = case
    image = ImageFactory.create(owner=account, **{state: True})
    recipient = AccountFactory.create()
    typed = {
        "accounts": recipient.name,
        "acknowledged": "on",
        "regions": ["gz"],
        "name": "golden",
    }
    browser, before = client_for(account), all_rows()

    for path in ("/bj/images/", page_of(image)):
        page = browser.get(path, headers=headers)
        assert f'href="{page_of(image, dialog)}"' not in page.content.decode()
        assert dialog == "cancel/" or sentence in text_of(page)
    asked = browser.get(page_of(image, dialog), headers=headers)
    assert not AuditEvent.objects.exists()
    forced = browser.post(page_of(image, dialog), typed, headers=headers)

    assert (asked.status_code, forced.status_code) == (200, 422)
    assert sentence in text_of(asked)
    assert sentence in text_of(forced)
    assert all_rows() == before
    assert not image.grants.exists()
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", image.image_id)
