"""What the SDK tells of every refusal that BCC's reference documents: status, code, message."""

from __future__ import annotations

import http.client
import json
import time
from functools import partial

import pytest
from baidubce.auth import bce_v1_signer
from baidubce.http import bce_http_client, handler
from baidubce.services.bcc.bcc_model import Billing

from tests.servers import Tenant

from .clients import (
    MARKS,
    NOT_THERE,
    ids,
    new_image,
    new_images,
    new_instance,
    public_image,
    refusal,
    wait_for_instance,
)

pytestmark = MARKS

NOT_CUSTOM = (403, "Image.UnCustomImageCannotBeShared", "Only custom image can be shared.")
NO_SUCH_ACCOUNT = (400, "Image.InvalidAccount", "Account is invalid.")
NOBODY_NAMED = (400, "Image.AccountListIsEmpty", "Account list is empty.")
NOT_DELETABLE = (403, "Image.UnCustomImageCannotBeDeleted", "Only custom image can be deleted.")
CREATING = (409, "Image.CreatingImageCannotBeDeleted", "Cannot delete image when creating.")
NOT_AVAILABLE = (409, "Image.ImageStatusForbidden", "Image status is not Available.")
NOT_COPYING = (409, "Image.ImageStatusForbidden", "Image status is not dest_copying.")
NOT_COPYABLE = (409, "Image.ImageNotSupportCopy", "Image not support copy.")
NO_COPY_THERE = (409, "Image.RegionNotSupportCopy", "Region not support copy.")
NOT_SETTLED = (
    409,
    "Image.InstanceStatusForbidden",
    "Instance not in running or stopped status.",
)
NOT_STOPPED = (
    409,
    "Instance.StartInstanceOperationForbidden",
    "Instance not stopped when starting.",
)
NOT_RUNNING = "Instance.StopInstanceOperationForbidden"
BEING_CREATED = (
    409,
    "Instance.StartInstanceWhenCreating",
    "Instance creating when starting.",
)
WRONG_SIGNATURE = (
    400,
    "SignatureDoesNotMatch",
    (
        "The request signature we calculated does not match the signature you provided. "
        "Check your Secret Access Key and signing method. "
        "Consult the service documentation for details."
    ),
)
NO_SUCH_KEY = (
    403,
    "InvalidAccessKeyId",
    "The Access Key ID you provided does not exist in our records.",
)


# Sharing


@pytest.mark.parametrize("verb", ["share_image", "unshare_image"])
def test_only_a_custom_image_is_shared_and_unshared(client, tenant, verb):
    assert refusal(getattr(client, verb), public_image(client), account="a") == NOT_CUSTOM


def test_only_a_custom_image_has_recipients(client):
    assert refusal(client.list_shared_user, public_image(client)) == NOT_CUSTOM


@pytest.mark.parametrize(
    "named",
    [
        {"account": "no-such-account"},
        {"account_id": "0" * 32},
        {"ucaccount": "no such account"},
        {"account": "名" * 1000},
    ],
)
def test_recipient_has_to_exist(client, named):
    image = new_image(client)

    assert refusal(client.share_image, image, **named) == NO_SUCH_ACCOUNT
    assert refusal(client.unshare_image, image, **named) == NO_SUCH_ACCOUNT


def test_recipient_has_to_be_named(client):
    image = new_image(client)

    for verb in (client.share_image, client.unshare_image):
        assert refusal(verb, image) == NOBODY_NAMED
        assert refusal(verb, image, account="", account_id="", ucaccount="") == NOBODY_NAMED


def test_owner_is_no_recipient(client, tenant):
    image = new_image(client)
    answer = (403, "Image.CannotShareToOwner", "Cannot share to owner.")

    assert refusal(client.share_image, image, account=tenant.account) == answer
    assert refusal(client.share_image, image, account_id=tenant.account_id) == answer
    assert refusal(client.share_image, image, ucaccount=tenant.uc_account) == answer


def test_recipient_has_it_once(pair):
    owner, recipient, _ = pair
    image = new_image(owner)
    owner.share_image(image, account=recipient.account, account_id=recipient.account_id)

    answer = (409, "Image.AccountHasBeenShared", "Account has been shared.")
    assert refusal(owner.share_image, image, ucaccount=recipient.uc_account) == answer
    assert len(owner.list_shared_user(image).users) == 1


def test_unsharing_with_somebody_who_has_it_not(pair):
    owner, recipient, _ = pair
    image = new_image(owner)

    assert refusal(owner.unshare_image, image, account=recipient.account) == NO_SUCH_ACCOUNT


def test_recipient_holds_twenty(server, tenants):
    owner, other, recipient = tenants(3)
    a, b = server.client(owner), server.client(other)
    for image in new_images(a, *(f"image-{number}" for number in range(20))):
        a.share_image(image, account=recipient.account)

    assert refusal(b.share_image, new_image(b), account=recipient.account) == (
        413,
        "Image.ExceedAcceptSharedImageNumQuota",
        "Exceed accept shared image num quota",
    )
    assert len(server.client(recipient).list_images("Sharing").images) == 20


def test_image_that_is_not_available_is_neither_shared_nor_used(slow, pair, tenants):
    owner, recipient, _ = pair
    instance = new_instance(owner)
    a = slow.client(Tenant("", "", "", *keys_of(owner)))
    image = a.create_image_from_instance_id("golden", instance_id=instance).image_id

    assert a.get_image(image).image.status == "Creating"
    assert refusal(a.share_image, image, account=recipient.account) == NOT_AVAILABLE
    assert refusal(new_instance, a, image) == NOT_AVAILABLE
    assert refusal(a.remote_copy_image, image, "copy", ["gz"]) == NOT_AVAILABLE


# Deleting and making


def test_public_image_is_not_deleted(client):
    assert refusal(client.delete_image, public_image(client)) == NOT_DELETABLE


def test_image_is_not_deleted_while_it_is_made_or_copied(slow, server, tenant):
    fast, client = server.client(tenant), slow.client(tenant)
    image, instance = new_image(fast), new_instance(fast)
    made = client.create_image_from_instance_id("made", instance_id=instance).image_id
    copied = client.remote_copy_image(image, "copied", ["gz"]).result[0].image_id

    assert refusal(client.delete_image, made) == CREATING
    assert refusal(slow.client(tenant, "gz").delete_image, copied) == CREATING


def test_shared_image_is_not_deleted(pair):
    owner, recipient, _ = pair
    image = new_image(owner)
    owner.share_image(image, account=recipient.account)

    assert refusal(owner.delete_image, image) == (
        409,
        "Image.ImageHasBeenSharedToOthers",
        "Image has been shared to others.",
    )


@pytest.mark.parametrize("name", ["", "1", "-a", "a b", "a" * 66, "a\n", "a!", "镜像"])
def test_name_of_an_image(client, name):
    instance = new_instance(client)

    assert refusal(client.create_image_from_instance_id, name, instance_id=instance) == (
        400,
        "Image.ImageNameInvalid",
        "Image name is invalid.",
    )
    assert client.list_images("Custom").images == []


def test_account_has_twenty_images_in_a_region(client):
    new_images(client, *(f"image-{number}" for number in range(19)))
    instance, image = new_instance(client), new_image(client)
    full = (413, "Image.ImageQuotaExceedLimit", "Image number exceeds the limit.")

    assert refusal(client.create_image_from_instance_id, "one-more", instance_id=instance) == full
    copies = client.remote_copy_image(image, "elsewhere", ["gz"]).result
    assert [copy.region for copy in copies] == ["gz"]
    client.delete_image(image)
    client.create_image_from_instance_id("one-more", instance_id=instance)


def test_image_is_made_of_what_is_settled(slow, client, tenant):
    starting = new_instance(slow.client(tenant), wait=False)

    answer = refusal(client.create_image_from_instance_id, "golden", instance_id=starting)
    assert answer == NOT_SETTLED


def test_image_is_made_of_what_there_is(client):
    make = client.create_image_from_instance_id
    assert refusal(make, "golden", instance_id="i-nothing0") == NOT_THERE
    snapshot = refusal(client.create_image_from_snapshot_id, "golden", snapshot_id="s-12345678")
    assert snapshot == NOT_THERE


# Copying


def test_what_is_not_copied(client):
    image, public = new_image(client), public_image(client)

    assert refusal(client.remote_copy_image, public, "copy", ["gz"]) == NOT_COPYABLE
    assert refusal(client.remote_copy_image, image, "copy", ["bj"]) == NO_COPY_THERE
    assert refusal(client.remote_copy_image, image, "copy", ["mars"]) == NO_COPY_THERE
    assert refusal(client.remote_copy_image, image, "copy", ["gz", "mars"]) == NO_COPY_THERE
    assert refusal(client.cancle_remote_copy_image, image) == NOT_COPYING
    assert refusal(client.cancle_remote_copy_image, public) == NOT_COPYING
    assert refusal(client.remote_copy_image, image, "", [])[:2] == (400, "InappropriateJSON")


def test_received_image_is_not_copied(pair):
    owner, recipient, other = pair
    image = new_image(owner)
    owner.share_image(image, account=recipient.account)

    assert refusal(other.remote_copy_image, image, "copy", ["gz"]) == NOT_COPYABLE


# Instances


def test_instance_that_is_being_created(slow, tenant):
    client = slow.client(tenant)
    starting = new_instance(client, wait=False)
    assert client.get_instance(starting).instance.status == "Starting"

    assert refusal(client.start_instance, starting) == BEING_CREATED
    assert refusal(client.batch_start_instance, [starting]) == BEING_CREATED
    assert refusal(client.stop_instance, starting)[:2] == (409, NOT_RUNNING)
    assert refusal(client.reboot_instance, starting) == (
        409,
        "Instance.RebootInstanceOperationForbidden",
        "Instance not running when rebooting.",
    )
    rebuild = refusal(client.rebuild_instance, starting, public_image(client), "Golden2026!")
    assert rebuild[:2] == (409, "Instance.RebuildInstanceOperationForbidden")
    assert refusal(client.release_instance, starting)[:2] == (409, "Instance.ReleaseWhileCreating")


def test_instance_that_an_image_is_made_of(slow, server, tenant):
    instance = new_instance(server.client(tenant))
    client = slow.client(tenant)
    client.create_image_from_instance_id("golden", instance_id=instance)

    assert client.get_instance(instance).instance.status == "ImageProcessing"
    assert refusal(client.release_instance, instance)[0] == 409
    assert refusal(client.create_image_from_instance_id, "x", instance_id=instance) == NOT_SETTLED


def test_instance_in_the_wrong_status(client):
    instance = new_instance(client)
    assert refusal(client.start_instance, instance) == NOT_STOPPED

    client.stop_instance(instance)
    wait_for_instance(client, instance, "Stopped")
    assert refusal(client.stop_instance, instance)[:2] == (409, NOT_RUNNING)
    assert refusal(client.reboot_instance, instance)[1].startswith("Instance.Reboot")


def test_instance_that_is_paid_for_and_one_that_has_expired(client, alter):
    prepaid = Billing("Prepaid", reservationLength=1, reservationTimeUnit="Month")
    instance = new_instance(client, billing=prepaid)
    assert client.get_instance(instance).instance.payment_timing == "Prepaid"
    assert refusal(client.release_instance, instance)[:2] == (403, "OperationDenied")

    alter("UPDATE images_instance SET expires_at = now() WHERE instance_id = %s", instance)
    assert client.get_instance(instance).instance.status == "Expired"
    assert refusal(client.start_instance, instance) == (
        409,
        "Instance.StartExpiredInstance",
        "Instance expired when starting.",
    )
    client.release_instance(instance)


@pytest.mark.parametrize(
    "wrong",
    [
        {"admin_pass": "short1!"},
        {"admin_pass": "NoDigitsHere!"},
        {"admin_pass": "Golden2026"},
        {"key_pair_id": "k-12345678", "admin_pass": None},
        {"is_keep_image_login": True},
        {"is_keep_image_login": True, "admin_pass": None},  # a public image has none
        {"root_disk_size_in_gb": 1},
        {"purchase_count": 21},
        {"zone_name": "cn-gz-a"},
        {"name": "no name"},
        {"spec": "no-such-spec"},
    ],
)
def test_order_of_an_instance(client, wrong):
    assert refusal(new_instance, client, **wrong)[:2] == (400, "InappropriateJSON")
    assert client.list_instances().instances == []


def test_order_of_an_instance_of_no_image(client):
    assert refusal(new_instance, client, "m-nothing0") == NOT_THERE


# What no image and no instance is


def test_image_that_does_not_exist_by_every_call(client):
    gone = "m-nothing0"
    for call in (
        client.get_image,
        client.delete_image,
        client.list_shared_user,
        client.cancle_remote_copy_image,
        partial(client.share_image, account="a"),
        partial(client.unshare_image, account="a"),
        partial(client.remote_copy_image, name="copy", destRegions=["gz"]),
    ):
        assert refusal(call, gone) == NOT_THERE


def test_instance_that_does_not_exist_by_every_call(client):
    gone, image = "i-nothing0", public_image(client)
    for call in (
        client.get_instance,
        client.start_instance,
        client.stop_instance,
        client.reboot_instance,
        client.release_instance,
        client.release_instance_with_related_resources,
        partial(client.rebuild_instance, image_id=image, admin_pass="Golden2026!"),
    ):
        assert refusal(call, gone) == NOT_THERE
    for call in (client.batch_start_instance, client.batch_stop_instance, client.list_os):
        assert refusal(call, [gone]) == NOT_THERE
    assert refusal(client.batch_rebuild_instances, image, "Golden2026!", [gone]) == NOT_THERE


# Who asks


def test_wrong_secret(server, tenant):
    forger = Tenant("", "", "", tenant.key_id, "0" * 32)

    assert refusal(server.client(forger).list_images) == WRONG_SIGNATURE


def test_unknown_key(server, tenant):
    nobody = Tenant("", "", "", "0" * 32, tenant.secret)

    assert refusal(server.client(nobody).list_images) == NO_SUCH_KEY


def test_disabled_key_opens_nothing_from_that_moment(server, slow, tenants):
    (tenant,) = tenants(1)
    clients = [server.client(tenant), slow.client(tenant)]
    for client in clients:
        client.list_images()
    server.manage(
        "shell",
        "-c",
        "from accounts import keys\n"
        "from accounts.actors import SYSTEM\n"
        "from accounts.models import AccessKey\n"
        f"keys.disable(key=AccessKey.objects.get(key_id={tenant.key_id!r}), by=SYSTEM)",
    )

    for client in clients * 2:
        assert refusal(client.list_images) == NO_SUCH_KEY


def test_request_that_is_not_signed(server):
    for authorization, answer in (
        (None, (403, "AccessDenied")),
        ("", (403, "AccessDenied")),
        ("Basic abc", (400, "InvalidHTTPAuthHeader")),
        ("bce-auth-v1/key", (400, "InvalidHTTPAuthHeader")),
    ):
        headers = {} if authorization is None else {"Authorization": authorization}
        connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
        connection.request("GET", "/v2/image", headers=headers)
        response = connection.getresponse()
        body = json.load(response)
        connection.close()
        assert (response.status, body["code"]) == answer
        assert set(body) == {"requestId", "code", "message"}
        assert body["requestId"] == response.headers["x-bce-request-id"]
        assert response.headers["content-type"] == "application/json; charset=utf-8"


def send(client, method, path, *, body=None, params=None, **signing):
    """Send what the client's methods would not, signed by the SDK at another time."""
    date = signing.pop("date", None)
    headers = {b"x-bce-date": date} if date else {}
    return bce_http_client.send_request(
        client.config,
        partial(bce_v1_signer.sign, **signing),
        [handler.parse_error, handler.parse_json],
        method,
        path,
        body,
        headers,
        params,
    )


def test_request_of_another_time(client):
    now = int(time.time())
    ask = partial(send, client, b"GET", b"/v2/image")

    ask(timestamp=now - 1700)
    code = refusal(ask, timestamp=now - 1900)
    assert code[:2] == (400, "RequestExpired")
    assert refusal(ask, timestamp=now - 90000, expiration_in_seconds=10**6)[1] == "RequestExpired"
    assert refusal(ask, timestamp=now + 2000)[:2] == (403, "RequestTimeTooSkewed")
    old = b"2026-01-01T00:00:00Z"
    assert refusal(ask, date=old)[:2] == (403, "RequestTimeTooSkewed")


# What is asked


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("{", (400, "MalformedJSON")),
        ("\x00", (400, "MalformedJSON")),
        ("[]", (400, "InappropriateJSON")),
        ('"text"', (400, "InappropriateJSON")),
        ("null", (400, "InappropriateJSON")),
        ('{"account": 1}', (400, "InappropriateJSON")),
        ('{"account": "a\\u0000"}', (400, "InappropriateJSON")),
        ('{"account": "\\ud800"}', (400, "MalformedJSON")),
        ('{"unknown": 1, "account": null}', (400, "Image.AccountListIsEmpty")),
        ('{"account": "' + "x" * 2_000_000 + '"}', (413, "EntityTooLarge")),
    ],
    ids=range(10),
)
def test_body(client, body, answer):
    image = new_image(client)

    path = f"/v2/image/{image}".encode()
    said = refusal(send, client, b"POST", path, body=body, params={"share": None})
    assert said[:2] == answer


@pytest.mark.parametrize(
    ("method", "path", "params", "answer"),
    [
        (b"GET", b"/v9/image", {}, (404, "InvalidVersion")),
        (b"GET", b"/v2/nothing", {}, (404, "NoSuchObject")),
        (b"GET", b"/v2/image/", {}, (404, "NoSuchObject")),
        (b"GET", b"/v2/image/%00", {}, (400, "InvalidURI")),
        (b"GET", b"/v2/image/%FF", {}, (400, "InvalidURI")),
        (b"GET", b"/v2/image/m-%E4%B8%AD%E6%96%87", {}, (404, "NoSuchObject")),
        (b"GET", b"/v2/image/m-nothing0%2Fshare", {}, (404, "NoSuchObject")),
        (b"GET", b"/v2/image/rename", {}, (405, "MethodNotAllowed")),
        (b"PATCH", b"/v2/image", {}, (405, "MethodNotAllowed")),
        (b"POST", b"/v2/image/m-nothing0", {}, (405, "MethodNotAllowed")),
        (b"POST", b"/v2/image/m-nothing0", {"explode": None}, (405, "MethodNotAllowed")),
        (b"DELETE", b"/v2/image/m-nothing0", {"share": None}, (405, "MethodNotAllowed")),
        (b"GET", b"/v2/image", {"maxKeys": "many"}, (400, "InvalidHTTPRequest")),
        (b"GET", b"/v2/image", {"maxKeys": "0"}, (400, "InvalidHTTPRequest")),
        (b"GET", b"/v2/image", {"maxKeys": "-1"}, (400, "InvalidHTTPRequest")),
        (b"GET", b"/v2/image", {"maxKeys": "9" * 5000}, (400, "InvalidHTTPRequest")),
        (b"GET", b"/v2/image", {"imageType": "Nothing"}, (400, "InvalidHTTPRequest")),
        (b"GET", b"/v2/image", {"marker": "\0"}, (400, "InvalidHTTPRequest")),
        (b"GET", b"/v2/image", {"imageName": "\0"}, (400, "InvalidHTTPRequest")),
        (b"GET", b"/v2/instance", {"instanceIds": "\0"}, (400, "InvalidHTTPRequest")),
    ],
)
def test_request(client, method, path, params, answer):
    assert refusal(send, client, method, path, params=params)[:2] == answer


def test_client_token_for_something_else(client):
    image = public_image(client)
    new_instance(client, image, client_token="token-1")
    other = (
        403,
        "IdempotentParameterMismatch",
        "The request uses the same client token as a previous, but non-identical request.",
    )

    assert refusal(new_instance, client, image, name="other", client_token="token-1") == other
    assert refusal(
        client.create_instance_by_spec, "bcc.g5.c2m8", image, client_token="token-1"
    ) == (other)
    assert refusal(new_instance, client, image, client_token="x" * 65)[0] == 400
    assert refusal(new_instance, client, image, client_token="令牌")[0] == 400
    assert len(ids(client.list_instances().instances)) == 1


def test_import_is_not_offered(client):
    said = refusal(
        client.import_custom_image, "Ubuntu", "x86_64", "linux", "22.04", "name", "http://bos"
    )
    assert said[:2] == (403, "OperationDenied")


def keys_of(client):
    credentials = client.config.credentials
    return credentials.access_key_id.decode(), credentials.secret_access_key.decode()
