"""The OpenAPI document: valid, complete, and for everybody."""

from __future__ import annotations

import jsonschema_rs
import pytest
from django.test import Client
from django.urls import get_resolver
from schemathesis.specs.openapi.definitions import OPENAPI_31

from console.api.endpoint import Operations

pytestmark = pytest.mark.django_db

PATH = "/v2/openapi.json"


@pytest.fixture
def document(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get(PATH)
    assert answer.status_code == 200
    return answer.json()


def test_it_is_openapi(document):
    assert document["openapi"].startswith("3.1")
    errors = jsonschema_rs.validator_for(OPENAPI_31).iter_errors(document)
    assert [error.message for error in errors] == []


def test_it_needs_no_signature_and_has_the_headers_of_the_api():
    answer = Client().get(PATH)

    assert answer["Content-Type"].startswith("application/json")
    assert answer["Cache-Control"] == "no-store"
    assert answer["x-bce-request-id"]
    assert not answer.cookies


def references(value):
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref":
                yield each
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_reference_leads_somewhere(document):
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(references(document)) <= schemas


def operations():
    for pattern in get_resolver("console.api.urls").url_patterns:
        if isinstance(pattern.callback, Operations):
            path = "/" + str(pattern.pattern).replace("<", "{").replace(">", "}")
            for name in pattern.callback.handlers:
                method, _, verb = name.partition(" ")
                yield path + verb, method.lower()


def test_it_names_every_operation_and_no_more(document):
    named = {(path, method) for path, item in document["paths"].items() for method in item}

    assert named == set(operations())
    assert ("/v2/image/{image_id}?share", "post") in named
    assert ("/v1/token/create", "post") in named


def test_every_operation_has_its_own_name(document):
    names = [each["operationId"] for item in document["paths"].values() for each in item.values()]

    assert len(set(names)) == len(names)


def test_every_path_parameter_is_declared(document):
    for path, item in document["paths"].items():
        for operation in item.values():
            declared = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert declared == {
                part[1:].partition("}")[0] for part in path.split("/") if part.startswith("{")
            }


def test_it_tells_the_names_of_the_wire(document):
    schemas = document["components"]["schemas"]

    assert set(schemas["Recipient"]["properties"]) == {"account", "accountId", "ucAccount"}
    assert set(schemas["ErrorAnswer"]["properties"]) == {"requestId", "code", "message"}
    assert "memoryCapacityInGB" in schemas["CreateInstance"]["properties"]
    listing = document["paths"]["/v2/image"]["get"]["parameters"]
    names = {each["name"] for each in listing}
    assert names == {"marker", "maxKeys", "imageType", "imageName"}


def test_a_client_token_is_told(document):
    creations = ["/v2/image", "/v2/instance", "/v2/instanceBySpec"]

    for path in creations:
        names = {each["name"] for each in document["paths"][path]["post"]["parameters"]}
        assert "clientToken" in names, path
