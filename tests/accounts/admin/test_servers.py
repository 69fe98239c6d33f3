from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Server

from ...dom import find_all, get_text

pytestmark = pytest.mark.django_db


def test_the_list_says_which_servers_run_and_which_version(operator):
    long_ago = timezone.now() - timedelta(hours=1)
    Server.objects.create(host="web-1", address="0.0.0.0:8000", version="0.1.0")
    Server.objects.create(host="web-2", address="0.0.0.0:8000", version="0.0.9", seen_at=long_ago)

    page = operator.get("/admin/accounts/server/")

    def cells(name):
        return [get_text(cell) for cell in find_all(page, "td", class_=f"field-{name}")]

    assert cells("version") == ["0.1.0", "0.0.9"]
    assert cells("state") == ["Running", "Not responding"]
    assert operator.get("/admin/accounts/server/add/").status_code == 403
