"""The error pages."""

from __future__ import annotations

import pytest

from ..factories import (
    AccountFactory,
    OperatorFactory,
    RegionFactory,
)
from ..images.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.django_db
def test_a_forged_host_is_a_bad_request(client):
    assert client.get("/sign-in/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_htmx_shows_an_error_in_the_dialog(client, htmx):
    RegionFactory.create()
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    response = client.get("/bj/images/m-abcdefgh/", headers=htmx)

    assert response.status_code == 404
    assert "<html" not in response.content.decode()
    assert 'id="dialog-title"' in response.content.decode()


@pytest.mark.parametrize("path", ["/bj/images/?q=%00", "/bj/images/%00/", "/admin/?x=%00"])
def test_nul_in_a_url_is_a_bad_request(client_for, account, path):
    RegionFactory.create()

    response = client_for(account).get(path)

    assert response.status_code == 400
    assert "Nothing was changed." in text_of(response)
