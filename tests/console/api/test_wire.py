"""Bodies and queries of BCC's API as typed models, and our models as BCC's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from console.api import wire

from ...factories import ImageFactory


def test_nulls_and_unknown_fields_of_a_body_are_ignored():
    body = wire.Recipient.model_validate({"account": None, "accountId": "a" * 32, "new": 1})

    assert body.identifiers == [("account_id", "a" * 32)]


@pytest.mark.parametrize("account", ["a\0b", 5, ["payments"]])
def test_nul_and_wrong_types_are_refused(account):
    with pytest.raises(ValidationError):
        wire.Recipient.model_validate({"account": account})


def test_only_the_names_of_the_wire_are_read():
    assert wire.Recipient.model_validate({"account_id": "a" * 32}).identifiers == []


def test_zeros_of_the_go_sdk_are_unset_fields():
    reservation = {"reservationLength": 0, "reservationTimeUnit": ""}
    billing = wire.Billing.model_validate({"paymentTiming": "", "reservation": reservation})

    assert billing == wire.Billing()


@pytest.mark.parametrize(
    ("query", "matches_nothing"),
    [
        ({}, False),
        ({"instanceNames": "web"}, False),
        ({"vpcId": "vpc-1"}, True),
        ({"ipv6Addresses": "::1"}, True),
        ({"autoRenew": "false"}, False),
        ({"autoRenew": "True"}, True),
    ],
)
def test_a_filter_on_what_no_instance_has_matches_nothing(query, matches_nothing):
    assert wire.InstancesQuery.model_validate(query).matches_nothing is matches_nothing


def test_times_are_in_seconds():
    assert wire.format_time(datetime(2026, 12, 1, 12, 30, 15, 999_999, UTC)) == (
        "2026-12-01T12:30:15Z"
    )
    assert wire.format_time(None) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("trait", ["creating", "copying"])
def test_an_image_that_is_copied_is_being_created_for_bcc(account, trait):
    image = ImageFactory.create(owner=account, **{trait: True})

    model = wire.to_image_model(image, account)

    assert (model.id, model.status) == (image.image_id, "Creating")
