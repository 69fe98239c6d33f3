"""Requests with a body that is too large, too short or of unknown length."""

from __future__ import annotations

import pytest

from ..factories import (
    AccountFactory,
    OperatorFactory,
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", ["sign-in/", "bj/images/m-abcdefgh/share/", "bj/instances/create/"]
)
def test_a_body_of_five_megabytes_is_too_large(client, route):
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    response = client.post(f"/{route}", {"accounts": "x" * 5_000_000})

    assert response.status_code == 413
    assert "Nothing was changed." in response.content.decode()


@pytest.mark.django_db
def test_a_content_length_over_the_limit_is_too_large(client, rf):
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    response = client.post("/sign-in/", {"username": "x"}, CONTENT_LENGTH="9999999999")

    assert response.status_code == 413


@pytest.mark.django_db
def test_a_body_without_a_length_is_refused(client):
    response = client.post("/sign-in/", headers={"Transfer-Encoding": "chunked"})

    assert response.status_code == 411


@pytest.mark.django_db
def test_ten_thousand_fields_are_too_many(client):
    fields = {f"field-{n}": "x" for n in range(10_000)}

    assert client.post("/sign-in/", fields).status_code == 413
