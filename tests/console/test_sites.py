"""Access to the admin site."""

from __future__ import annotations

import pytest
from django.test import Client

from ..factories import (
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_only_operators_can_open_the_admin_site(client):
    client.force_login(UserFactory.create())

    assert client.get("/admin/", follow=True).status_code == 403
    assert Client().get("/admin/").url == "/admin/login/?next=/admin/"
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith("/sign-in/")
