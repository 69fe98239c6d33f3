"""The OpenAPI document: valid, complete and public."""

from __future__ import annotations

import jsonschema_rs
import pytest
from django.test import Client
from django.urls import get_resolver
from schemathesis.specs.openapi.definitions import OPENAPI_31

from console.api.dispatch import Operations

pytestmark = pytest.mark.django_db

PATH = "/v2/openapi.json"


@pytest.fixture
def document(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = Client().get(PATH)
    assert response.status_code == 200
    return response.json()


def test_the_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1")
    errors = jsonschema_rs.validator_for(OPENAPI_31).iter_errors(document)
    assert [error.message for error in errors] == []


def test_it_needs_no_signature_and_has_the_headers_of_the_api():
    response = Client().get(PATH)

    assert response["Content-Type"].startswith("application/json")
    assert response["Cache-Control"] == "no-store"
    assert response["x-bce-request-id"]
    assert not response.cookies


def references(value):
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "$ref":
                yield each
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_reference_has_a_schema(document):
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set(references(document)) <= schemas


def operations():
    for pattern in get_resolver("console.api.urls").url_patterns:
        if isinstance(pattern.callback, Operations):
            path = "/" + str(pattern.pattern).replace("<", "{").replace(">", "}")
            for name in pattern.callback.handlers:
                method, _, verb = name.partition(" ")
                yield path + verb, method.lower()


def test_it_lists_exactly_the_operations(document):
    listed = {(path, method) for path, item in document["paths"].items() for method in item}

    assert listed == set(operations())
    assert ("/v2/image/{image_id}?share", "post") in listed
    assert ("/v1/token/create", "post") in listed


def test_every_operation_id_is_unique(document):
    names = [each["operationId"] for item in document["paths"].values() for each in item.values()]

    assert len(set(names)) == len(names)


def test_every_path_parameter_is_declared(document):
    for path, item in document["paths"].items():
        for operation in item.values():
            declared = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert declared == {
                part[1:].partition("}")[0] for part in path.split("/") if part.startswith("{")
            }


def test_it_uses_the_names_of_the_wire(document):
    schemas = document["components"]["schemas"]

    assert set(schemas["Recipient"]["properties"]) == {"account", "accountId", "ucAccount"}
    assert set(schemas["ErrorAnswer"]["properties"]) == {"requestId", "code", "message"}
    assert "memoryCapacityInGB" in schemas["CreateInstance"]["properties"]
    listing = document["paths"]["/v2/image"]["get"]["parameters"]
    names = {each["name"] for each in listing}
    assert names == {"marker", "maxKeys", "imageType", "imageName"}


def test_creations_accept_a_client_token(document):
    creations = ["/v2/image", "/v2/instance", "/v2/instanceBySpec"]

    for path in creations:
        names = {each["name"] for each in document["paths"][path]["post"]["parameters"]}
        assert "clientToken" in names, path
