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
def test_htmx_shows_a_problem_in_the_dialog(client, htmx):
    RegionFactory.create()
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    answer = client.get("/bj/images/m-abcdefgh/", headers=htmx)

    assert answer.status_code == 404
    assert "<html" not in answer.content.decode()
    assert 'id="dialog-title"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/bj/images/?q=%00", "/bj/images/%00/", "/admin/?x=%00"])
def test_nul_in_an_address_is_a_bad_request(client_for, account, path):
    RegionFactory.create()

    answer = client_for(account).get(path)

    assert answer.status_code == 400
    assert "Nothing was changed." in text_of(answer)
