"""The demo password as a new one."""

from __future__ import annotations

import pytest

from ..factories import PASSWORD
from .signing_in import sign_in

pytestmark = pytest.mark.django_db


def test_the_demo_password_is_no_new_password_where_it_does_not_work(client, user, settings):
    user.must_change_password = True
    user.save()
    sign_in(client)
    typed = dict.fromkeys(("new_password1", "new_password2"), "golden-images-2026")
    typed["old_password"] = PASSWORD

    settings.DEMO_PASSWORD_WORKS = False
    refused = client.post("/new-password/", typed)
    settings.DEMO_PASSWORD_WORKS = True
    accepted = client.post("/new-password/", typed)

    assert (refused.status_code, accepted.status_code) == (422, 303)
    sentence = "The demo password is published and doesn&#39;t work here. Choose another one."
    assert sentence in refused.content.decode()
