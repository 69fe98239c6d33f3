"""Compressed pages, and requests that are too large, of unknown length or can't be read."""

from __future__ import annotations

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ..factories import (
    AccountFactory,
    OperatorFactory,
    RegionFactory,
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", ["sign-in/", "bj/images/m-abcdefgh/share/", "bj/instances/create/"]
)
def test_a_body_of_five_megabytes_is_too_large(client, route):
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    text = f"accounts={'x' * 5_000_000}"
    response = client.post(f"/{route}", text, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 413
    sentence = "The request is larger than this console accepts. Nothing was changed."
    assert sentence in response.content.decode()


@pytest.mark.django_db
def test_a_file_that_is_too_large_is_refused_in_words_about_it(client):
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))
    file = SimpleUploadedFile("accounts.csv", b"x" * 1_100_000)

    response = client.post("/bj/images/m-abcdefgh/share/", {"file": file})

    assert response.status_code == 413
    sentence = "Nothing was changed. Go back and choose a file of at most 1 MB."
    assert sentence in response.content.decode()


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


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/bj/images/", "/sign-in/", "/bj/images/m-abcdefgh/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Current-URL": "http://["},
        {"HX-Current-URL": "http://%5B", "HX-Current-URL-URI-AutoEncoded": "true"},
    ],
)
def test_an_address_of_the_page_that_is_none_is_refused(client, route, headers):
    response = client.get(route, headers={"HX-Request": "true", **headers})

    assert response.status_code == 400


GZIP = {"Accept-Encoding": "gzip"}


@pytest.mark.django_db
def test_pages_are_compressed_and_differ_in_length(client_for, account):
    RegionFactory.create()
    browser = client_for(account)

    responses = [browser.get("/bj/images/", headers=GZIP) for _ in range(20)]

    assert {response["Content-Encoding"] for response in responses} == {"gzip"}
    assert "Image List" in gzip.decompress(responses[0].content).decode()
    assert "Accept-Encoding" in responses[0]["Vary"]
    assert len({len(response.content) for response in responses}) > 1
    assert "Content-Encoding" not in browser.get("/bj/images/").headers


@pytest.mark.django_db
def test_exports_and_the_api_are_not_compressed(client_for, account):
    RegionFactory.create()
    browser = client_for(account)

    for url in ("/bj/activity/export/csv/", "/v2/image"):
        response = browser.get(url, headers=GZIP)
        response.getvalue()
        response.close()
        assert "Content-Encoding" not in response.headers
