"""The console against its own OpenAPI document: all that this allows, and some that it does not."""

from __future__ import annotations

import os
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

import pytest
import requests
import schemathesis
from baidubce.auth import bce_v1_signer
from baidubce.utils import get_canonical_time
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.api.openapi import specification

from .clients import MARKS, new_images, new_instance

pytestmark = MARKS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = sorted(
    (path, method) for path, methods in specification()["paths"].items() for method in methods
)
# More of them take longer and find more; CI can afford these.
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "12"))


class Signed(requests.auth.AuthBase):
    """Signs what is about to be sent, with the SDK's signer."""

    def __init__(self, tenant):
        self.tenant = tenant

    def __call__(self, request):
        request.url = request.url.replace("+", "%20")  # the scheme knows no other space
        url = urlsplit(request.url)
        signs = {b"host": url.netloc.encode(), b"x-bce-date": get_canonical_time()}
        request.headers["Host"] = url.netloc
        request.headers["x-bce-date"] = signs[b"x-bce-date"].decode()
        request.headers["Authorization"] = bce_v1_signer.sign(
            self.tenant.credentials,
            request.method.encode(),
            quote(unquote_to_bytes(url.path)).encode(),
            signs,
            dict(parse_qsl(url.query, keep_blank_values=True)),
            headers_to_sign=set(signs),
        ).decode()
        return request


@pytest.fixture(scope="session")
def caller(server, pool):
    """An account with something of everything, and the IDs of that by the name of the parameter."""
    tenant, friend = next(pool), next(pool)
    client = server.client(tenant)
    shared, *kept = new_images(client, "shared", "kept", "kept-too")
    client.share_image(shared, account=friend.account)
    instances = [new_instance(client) for _ in range(3)]
    return tenant, {"image_id": [shared, *kept], "instance_id": instances}


@pytest.fixture(scope="session")
def schema(server):
    return schemathesis.openapi.from_url(f"http://{server.host}:{server.port}/v2/openapi.json")


def test_document_is_about_every_operation(schema):
    served = [result.ok() for result in schema.get_all_operations()]

    assert sorted((operation.path, operation.method) for operation in served) == OPERATIONS


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_operation_is_as_documented(schema, caller, path, method):
    tenant, known = caller
    operation = schema[path][method]
    cases = strategies.one_of(
        *(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    )

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=strategies.data())
    def ask(case, data):
        for name in case.path_parameters or {}:
            if identifier := data.draw(strategies.sampled_from([None, *known[name]])):
                case.path_parameters[name] = identifier
        response = case.call_and_validate(auth=Signed(tenant), checks=CHECKS)
        assert "SignatureDoesNotMatch" not in response.text, response.request.url

    ask()
