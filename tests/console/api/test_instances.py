"""Instances through the API: their fields, the list and its filters."""

from __future__ import annotations

import tracemalloc

import pytest
from django.utils import timezone

from images.models import Instance

from ...factories import (
    FAR,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
)
from .instance_calls import ids, path_of
from .programs import done, refusal

pytestmark = pytest.mark.django_db


def test_an_instance_has_all_fields(program, account):
    image = ImageFactory.create(owner=account, name="golden")
    instance = InstanceFactory.create(
        owner=account,
        image=image,
        name="web",
        created_at="2026-11-23T12:58:50.123456Z",
        expires_at="2126-11-23T12:58:50Z",
    )

    shown = done(program("GET", path_of(instance)))

    assert shown == {
        "instance": {
            "id": instance.instance_id,
            "name": "web",
            "hostname": "web",
            "instanceType": "N5",
            "spec": "bcc.g5.c2m8",
            "desc": "",
            "status": "Running",
            "paymentTiming": "Prepaid",
            "createTime": "2026-11-23T12:58:50Z",
            "expireTime": "2126-11-23T12:58:50Z",
            "publicIp": "",
            "internalIp": instance.internal_ip,
            "cpuCount": 2,
            "gpuCard": "",
            "fpgaCard": "",
            "cardCount": "0",
            "memoryCapacityInGB": 8,
            "localDiskSizeInGB": 0,
            "rootDiskSizeInGb": 40,
            "imageId": image.image_id,
            "imageName": "golden",
            "imageType": "Custom",
            "osName": "Ubuntu",
            "osVersion": "22.04 LTS",
            "osArch": "x86_64 (64bit)",
            "networkCapacityInMbps": 0,
            "zoneName": "cn-bj-a",
            "subnetId": "",
            "vpcId": "",
            "autoRenew": False,
            "keypairId": "",
            "eniNum": "0",
            "eniQuota": 0,
            "deletionProtection": 0,
            "tags": [],
            "volumes": [],
        }
    }
    assert done(program("GET", "/v2/instance"))["instances"] == [shown["instance"]]


@pytest.fixture
def three(account):
    return [
        InstanceFactory.create(owner=account, name="web-1", zone_name="cn-bj-a"),
        InstanceFactory.create(owner=account, name="web-2", zone_name="cn-bj-b", stopped=True),
        InstanceFactory.create(owner=account, name="db", zone_name="cn-bj-c", expires_at=FAR),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2]),
        ({"instanceNames": "web-1"}, [0]),
        ({"instanceNames": "web-1,db"}, [0, 2]),
        ({"instanceNames": "web"}, []),
        ({"fuzzyInstanceName": "web"}, [0, 1]),
        ({"fuzzyInstanceName": "%"}, []),
        ({"zoneName": "cn-bj-a"}, [0]),
        ({"zoneName": "cn-bj-a,cn-bj-c"}, [0, 2]),
        ({"status": "Running"}, [0, 2]),
        ({"status": "Running,Stopped"}, [0, 1, 2]),
        ({"status": "Recycled"}, []),
        ({"paymentTiming": "Postpaid"}, [0, 1]),
        ({"paymentTiming": "Prepaid"}, [2]),
        ({"paymentTiming": "Prepaid,Postpaid"}, [0, 1, 2]),
        ({"paymentTiming": "bidding"}, []),
        ({"status": "Running", "paymentTiming": "Prepaid"}, [2]),
        ({"showRdmaTopo": "true"}, [0, 1, 2]),
        ({"autoRenew": "false"}, [0, 1, 2]),
        ({"autoRenew": "true"}, []),
        ({"dedicatedHostId": "d-1"}, []),
        ({"deploySetIds": "dset-1"}, []),
        ({"securityGroupIds": "g-1"}, []),
        ({"cdsIds": "v-1"}, []),
        ({"ehcClusterId": "ehc-1"}, []),
        ({"vpcId": "vpc-1"}, []),
        ({"tags": "k:v"}, []),
        ({"privateIps": "192.0.2.1"}, []),
        ({"ipv6Addresses": "::1"}, []),
        ({"internalIp": "192.0.2.1"}, []),
        ({"internalIp": "x"}, []),
        ({"unheardOf": "x"}, [0, 1, 2]),
        ({"vpcId": "", "tags": ""}, [0, 1, 2]),
    ],
    ids=lambda value: (
        ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_the_list_is_filtered(program, three, query, found):
    expected = sorted(three[number].instance_id for number in found)

    assert ids(program("GET", "/v2/instance", **query)) == expected


def test_the_list_is_filtered_by_id_and_address(program, three):
    first, second, _ = three
    both = sorted([first.instance_id, second.instance_id])

    assert ids(program("GET", "/v2/instance", instanceIds=",".join(both))) == both
    assert ids(program("GET", "/v2/instance", internalIp=first.internal_ip)) == [first.instance_id]


def test_the_list_is_filtered_by_the_address_that_is_shown(program, account):
    instance = InstanceFactory.create(owner=account, pk=2**24 + 7)

    shown = done(program("GET", path_of(instance)))["instance"]["internalIp"]

    assert shown == "10.0.0.7"
    assert ids(program("GET", "/v2/instance", internalIp="10.0.0.7")) == [instance.instance_id]


def test_only_own_unreleased_instances_are_listed(program, account):
    own = InstanceFactory.create(owner=account)
    InstanceFactory.create()
    InstanceFactory.create(owner=account, released_at=timezone.now())
    InstanceFactory.create(owner=account, region__code="gz")
    all_ids = ",".join(Instance.objects.values_list("instance_id", flat=True))

    assert ids(program("GET", "/v2/instance")) == [own.instance_id]
    assert ids(program("GET", "/v2/instance", instanceIds=all_ids)) == [own.instance_id]
    body = {"instanceIds": all_ids.split(",")}
    assert ids(program("POST", "/v2/instance/listByInstanceId", body)) == [own.instance_id]


@pytest.mark.parametrize("body", [None, {}, {"instanceIds": []}, {"instanceIds": ["i-nothing0"]}])
def test_a_list_of_no_known_ids_is_empty(program, account, body):
    InstanceFactory.create(owner=account)

    assert ids(program("POST", "/v2/instance/listByInstanceId", body)) == []


def test_every_created_client_token_is_new(program):
    first, second = (done(program("POST", "/v1/token/create"))["token"] for _ in range(2))

    assert first != second
    assert len(first) <= 64


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_million_instances_are_refused_without_creating_a_million_names(program, is_numbered):
    image = PublicImageFactory.create()
    body = {
        "imageId": image.image_id,
        "spec": "bcc.g5.c2m8",
        "name": "a" * 250,
        "purchaseCount": 1_000_000,
        "autoSeqSuffix": is_numbered,
    }

    tracemalloc.start()
    response = program("POST", "/v2/instance", body)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refusal(response)[:2] == (400, "InappropriateJSON")
    assert peak < 10_000_000


def test_a_filter_by_a_thousand_statuses_works(program, account):
    instance = InstanceFactory.create(owner=account)
    statuses = ",".join(["Running", "Stopped", *(f"S{n}" for n in range(1000))])

    assert ids(program("GET", "/v2/instance", status=statuses)) == [instance.instance_id]
