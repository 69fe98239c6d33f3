from __future__ import annotations

import pytest

from accounts.models import Account

from ...factories import ImageFactory

pytestmark = pytest.mark.django_db


def test_an_account_with_images_cannot_be_deleted(operator):
    image = ImageFactory.create()

    operator.post(f"/admin/accounts/account/{image.owner.pk}/delete/", {"post": "yes"})

    assert Account.objects.get() == image.owner


def test_a_blank_limit_shows_its_default(operator):
    page = operator.get("/admin/accounts/account/add/").content.decode()

    assert page.count("Leave blank for the default (20).") == 2
    assert page.count("Leave blank for the default (50).") == 1
