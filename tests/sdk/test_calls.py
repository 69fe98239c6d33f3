"""Every call of the SDK that the console answers."""

from __future__ import annotations

from uuid import UUID

from baidubce.services.bcc.bcc_model import Billing

from .clients import (
    MARKS,
    NOT_THERE,
    ids,
    new_image,
    new_images,
    new_instance,
    public_image,
    refusal,
    wait_for_image,
    wait_for_instance,
)

pytestmark = MARKS

PUBLIC = {
    "Ubuntu-24.04-LTS",
    "Ubuntu-22.04-LTS",
    "Debian-12.11",
    "Rocky-Linux-9.4",
    "CentOS-7.9",
    "Windows-Server-2022-Datacenter",
}
OTHER_TYPES = [
    "Integration", "BbcSystem", "BbcCustom", "GpuBccSystem", "GpuBccCustom", "GpuBbcSystem",
    "GpuBbcCustom", "FpgaBccSystem", "FpgaBccCustom", "EbcTotal", "EbcSystem", "EbcCustom",
]  # fmt: skip


# Images


def test_images_by_type(pair):
    owner, recipient, other = pair
    shared, kept = new_images(owner, "shared", "kept")
    owner.share_image(shared, account=recipient.account)
    own = new_image(other, "own")

    def of_type(client, image_type):
        return {(i.name, i.type) for i in client.list_images(image_type).images}

    public = {(name, "System") for name in PUBLIC}
    assert of_type(owner, "System") == of_type(other, "System") == public
    assert of_type(owner, "Custom") == {("shared", "Custom"), ("kept", "Custom")}
    assert of_type(owner, "Sharing") == set()
    assert of_type(owner, "All") == public | of_type(owner, "Custom")
    assert of_type(other, "Custom") == {("own", "Custom")}
    assert of_type(other, "Sharing") == {("shared", "Sharing")}
    assert of_type(other, "All") == public | {("own", "Custom"), ("shared", "Sharing")}
    for image_type in OTHER_TYPES:
        assert of_type(owner, image_type) == of_type(other, image_type) == set()
    assert refusal(other.get_image, kept) == NOT_THERE
    assert refusal(owner.get_image, own) == NOT_THERE


def test_paging_shows_every_image_once(server, tenants):
    owner, other = tenants(2)
    a, b = server.client(owner), server.client(other)
    own = new_images(a, *(f"own-{number}" for number in range(20)))
    received = new_images(b, *(f"received-{number}" for number in range(20)))
    for image in received:
        b.share_image(image, account=owner.account)
    pages = [a.list_images(max_keys=10)]
    while pages[-1].is_truncated:
        pages.append(a.list_images(max_keys=10, marker=pages[-1].next_marker))

    assert [len(page.images) for page in pages] == [10, 10, 10, 10, 6]
    assert [page.max_keys for page in pages] == [10] * 5
    assert [page.marker for page in pages[1:]] == [page.next_marker for page in pages[:-1]]
    assert "nextMarker" not in pages[-1].get_body_map()
    seen = [image for page in pages for image in ids(page.images)]
    assert len(seen) == 46
    assert set(seen) == {*own, *received, *ids(a.list_images("System").images)}
    assert ids(a.list_images().images) == seen


def test_new_and_deleted_images_move_no_page(client):
    images = sorted(new_images(client, *(f"image-{number}" for number in range(6))))
    first = client.list_images("Custom", max_keys=3)
    for image in ids(first.images):
        client.delete_image(image)
    new_image(client)

    rest = client.list_images("Custom", marker=first.next_marker, max_keys=100)
    assert len(images) == 6
    assert set(ids(rest.images)) >= set(images) - set(ids(first.images))
    assert not set(ids(rest.images)) & set(ids(first.images))


def test_images_by_name(client):
    new_images(client, "golden-web", "golden-db", "other", "Golden", "x_percent", "x.percent")

    def named(text, image_type="All"):
        found = client.list_images(image_type, image_name=text).images
        return {image.name for image in found}

    assert named("golden") == {"golden-web", "golden-db"}
    assert named("golden", "System") == set()
    assert named("_") == {"x_percent"}
    assert named("%") == set()
    assert named("a b/中~'(") == set()


def test_detail_of_an_image(client):
    image = new_image(client)
    detail = client.get_image(image)

    assert UUID(detail.metadata.bce_request_id).version == 4
    assert set(detail.get_body_map()["image"]) == {
        "id", "name", "type", "osType", "osVersion", "osArch", "osName", "osBuild", "osLang",
        "specialVersion", "createTime", "status", "desc", "minDiskGb", "diskSize", "ephemeralSize",
        "package", "encrypted", "snapshots", "shareToUserNumLimit", "sharedToUserNum",
    }  # fmt: skip
    (row,) = client.list_images("Custom").get_body_map()["images"]
    assert {**row, "shareToUserNumLimit": 50, "sharedToUserNum": 0} == (
        detail.get_body_map()["image"]
    )


def test_recipient_is_not_told_who_else_has_an_image(server, tenants):
    owner, *recipients = tenants(3)
    a = server.client(owner)
    image = new_image(a)
    for recipient in recipients:
        a.share_image(image, account=recipient.account)

    assert {user.account_id for user in a.list_shared_user(image).users} == {
        recipient.account_id for recipient in recipients
    }
    seen = server.client(recipients[0]).get_image(image)
    assert seen.image.shared_to_user_num == 0
    assert owner.account not in seen.raw_data
    assert owner.account_id not in seen.raw_data


# Regions


def test_copy_to_other_regions_and_sharing_there(server, tenants):
    owner, recipient = tenants(2)
    a, south = server.client(owner), server.client(owner, "gz")
    image = new_image(a)
    result = a.remote_copy_image(image, "golden-copy", ["gz", "su"]).result

    assert [(copy.region, copy.code, copy.err_msg) for copy in result] == [
        ("gz", "", ""),
        ("su", "", ""),
    ]
    copy = wait_for_image(south, result[0].image_id)
    assert (copy.name, copy.type, copy.shared_to_user_num) == ("golden-copy", "Custom", 0)
    assert refusal(a.get_image, copy.id) == NOT_THERE
    assert refusal(south.get_image, image) == NOT_THERE
    assert refusal(a.share_image, copy.id, account=recipient.account) == NOT_THERE

    south.share_image(copy.id, account=recipient.account)
    assert ids(server.client(recipient, "gz").list_images("Sharing").images) == [copy.id]
    assert server.client(recipient).list_images("Sharing").images == []
    machine = new_instance(server.client(recipient, "gz"), copy.id)
    assert server.client(recipient).list_instances().instances == []
    assert server.client(recipient, "gz").get_instance(machine).instance.zone_name == "cn-gz-a"


def test_cancelling_a_copy(slow, server, tenant):
    image = new_image(server.client(tenant))
    client, south = slow.client(tenant), slow.client(tenant, "gz")
    copy = client.remote_copy_image(image, "copy", ["gz"]).result[0].image_id

    assert south.get_image(copy).image.status == "Creating"  # BCC has no other word for it
    assert refusal(client.cancle_remote_copy_image, copy) == NOT_THERE
    south.cancle_remote_copy_image(copy)
    assert refusal(south.get_image, copy) == NOT_THERE
    assert client.get_image(image).image.status == "Available"


def test_regions_and_zones(server, tenant):
    client, south = server.client(tenant), server.client(tenant, "gz")

    every = client.describe_regions("").regions
    assert [region.region_id for region in every] == ["bj", "bd", "gz", "su", "hkg", "sin"]
    assert [region.region_name for region in every[:4]] == [
        "华北-北京",
        "华北-保定",
        "华南-广州",
        "华东-苏州",
    ]
    (one,) = client.describe_regions("bj").regions
    assert one.region_endpoint == f"{server.host}:{server.port}"
    (one,) = south.describe_regions("su").regions
    assert one.region_endpoint == "bcc.su.baidubce.com"
    assert client.describe_regions("mars").regions == []
    zones = [zone.zone_name for zone in south.list_zones().zones]
    assert zones == ["cn-gz-a", "cn-gz-b", "cn-gz-c"]


# Instances


def test_life_of_an_instance(client):
    instance = new_instance(client, name="web", root_disk_size_in_gb=100, zone_name="cn-bj-b")
    detail = client.get_instance(instance).instance
    assert (detail.name, detail.status, detail.spec) == ("web", "Running", "bcc.g5.c2m8")
    assert (detail.cpu_count, detail.memory_capacity_in_gb) == (2, 8)
    assert (detail.zone_name, detail.payment_timing) == ("cn-bj-b", "Postpaid")
    assert detail.root_disk_size_in_gb == 100

    client.stop_instance(instance)
    assert client.get_instance(instance).instance.status in {"Stopping", "Stopped"}
    wait_for_instance(client, instance, "Stopped")
    client.start_instance(instance)
    wait_for_instance(client, instance)
    client.reboot_instance(instance)
    wait_for_instance(client, instance)
    client.rebuild_instance(instance, public_image(client, "CentOS-7.9"), "Golden2027!")
    assert wait_for_instance(client, instance).os_name == "CentOS"
    client.release_instance(instance)
    assert refusal(client.get_instance, instance) == NOT_THERE
    assert client.list_instances().instances == []


def test_many_instances_at_once(client):
    image = public_image(client)
    order = {"name": "node", "admin_pass": "Golden2026!", "purchase_count": 3}
    same = client.create_instance(2, 8, image, **order).instance_ids
    numbered = client.create_instance_by_spec(
        "bcc.c5.c4m8", image, auto_seq_suffix=True, **order
    ).instance_ids

    rows = client.list_instances().instances
    assert sorted(ids(rows)) == sorted([*same, *numbered])
    assert sorted(row.name for row in rows) == [
        "node",
        "node",
        "node",
        "node-1",
        "node-2",
        "node-3",
    ]
    found = client.list_instance_by_instance_ids(same).instances
    assert sorted(ids(found)) == sorted(same)

    client.batch_stop_instance(same)
    for each in same:
        wait_for_instance(client, each, "Stopped")
    mixed = [*same, numbered[0]]
    assert refusal(client.batch_start_instance, mixed)[0] == 409
    assert {client.get_instance(each).instance.status for each in same} == {"Stopped"}
    client.batch_start_instance(same)
    client.batch_rebuild_instances(public_image(client, "CentOS-7.9"), "Golden2027!", mixed)
    assert {client.get_instance(each).instance.os_name for each in mixed} == {"CentOS"}
    assert client.get_instance(numbered[1]).instance.os_name == "Debian"
    client.release_instance_with_related_resources(same[0])
    assert len(client.list_instances().instances) == 5


def test_instances_by_filter(client):
    prepaid = Billing("Prepaid", reservationLength=1, reservationTimeUnit="Month")
    web = new_instance(client, name="web-1")
    db = new_instance(client, name="db-1", zone_name="cn-bj-b", billing=prepaid)
    off = new_instance(client, name="web-2")
    client.stop_instance(off)
    wait_for_instance(client, off, "Stopped")
    address = client.get_instance(db).instance.internal_ip

    def found(**named):
        return set(ids(client.list_instances(**named).instances))

    assert found() == {web, db, off}
    assert found(status="Running") == {web, db}
    assert found(status="Stopped,Running") == {web, db, off}
    assert found(zone_name="cn-bj-b") == {db}
    assert found(payment_timing="Prepaid") == {db}
    assert found(payment_timing="Postpaid") == {web, off}
    assert found(instance_names="web-1,db-1") == {web, db}
    assert found(fuzzy_instance_name="web") == {web, off}
    assert found(instance_ids=f"{web},{off},i-nothing0") == {web, off}
    assert found(internal_ip=address) == {db}
    assert found(internal_ip="nowhere") == found(status="Moving") == set()
    for name in ("dedicated_host_id", "cds_ids", "vpc_id", "security_group_ids", "deployset_ids"):
        assert found(**{name: "x-12345678"}) == set()
    first = client.list_instances(max_keys=2)
    rest = client.list_instances(marker=first.next_marker, max_keys=2)
    assert [first.is_truncated, rest.is_truncated] == [True, False]
    assert {*ids(first.instances), *ids(rest.instances)} == {web, db, off}


def test_instance_without_name_and_password(client):
    answer = client.create_instance(1, 4, public_image(client))
    (instance,) = answer.instance_ids

    assert client.get_instance(instance).instance.name.startswith("instance-")
    assert answer.get_body_map()["warningList"] == []


def test_operating_systems(client):
    linux, windows = (
        new_instance(client, public_image(client, name))
        for name in ("Ubuntu-24.04-LTS", "Windows-Server-2022-Datacenter")
    )

    rows = client.list_os([linux, windows]).os_info
    assert {row.instance_id: (row.os_type, row.os_name) for row in rows} == {
        linux: ("linux", "Ubuntu"),
        windows: ("windows", "Windows Server"),
    }
    assert client.list_os([]).os_info == []


def test_creation_that_is_sent_again(client):
    instance = new_instance(client, client_token="create-1")
    assert new_instance(client, client_token="create-1") == instance
    make = client.create_image_from_instance_id
    image = make("golden", instance_id=instance, client_token="image-1").image_id
    assert make("golden", instance_id=instance, client_token="image-1").image_id == image

    assert ids(client.list_instances().instances) == [instance]
    assert ids(client.list_images("Custom").images) == [image]
    assert new_instance(client, client_token="create-2") != instance


def test_refused_creation_leaves_its_token(client):
    image = public_image(client)
    refusal(new_instance, client, image, name="no name", client_token="token")

    instance = new_instance(client, image, client_token="token")
    assert ids(client.list_instances().instances) == [instance]
