"""What the tests with the official SDK share: what they begin with, and how they are answered."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from baidubce.exception import BceHttpClientError

# For each module: one process has the servers.
MARKS = [
    pytest.mark.xdist_group("sdk"),
    # The SDK leaves its connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NOT_THERE = (404, "NoSuchObject", "The specified object does not exist.")


def refusal(call, *arguments, **named):
    """What the SDK tells of a call that is refused: status, code and message."""
    with pytest.raises(BceHttpClientError) as caught:
        call(*arguments, **named)
    error = caught.value
    assert error.last_error.status_code == error.status_code
    assert error.last_error.code == error.code
    assert UUID(error.request_id).version == 4
    return error.status_code, error.code, error.last_error.args[0]


def wait_for(status, ask):
    """Ask for the detail until it is in this status, as the reference says to do."""
    deadline = time.monotonic() + 30
    while (detail := ask()).status != status:
        assert time.monotonic() < deadline, detail.status
        time.sleep(0.05)
    return detail


def wait_for_image(client, image_id, status="Available"):
    return wait_for(status, lambda: client.get_image(image_id).image)


def wait_for_instance(client, instance_id, status="Running"):
    return wait_for(status, lambda: client.get_instance(instance_id).instance)


# What tests begin with


def public_image(client, name="Debian-12.11"):
    (image,) = client.list_images("System", image_name=name).images
    return image.id


def new_instance(client, image_id=None, *, wait=True, **named):
    """Create an instance, from a public image unless another is given, and answer its ID."""
    named = {"admin_pass": "Golden2026!", "name": "machine"} | named
    image_id = image_id or public_image(client)
    (instance_id,) = client.create_instance(2, 8, image_id, **named).instance_ids
    if wait:
        wait_for_instance(client, instance_id)
    return instance_id


def new_images(client, *names):
    """Make images of a new instance, and answer their IDs."""
    instance_id = new_instance(client)
    made = []
    for name in names:
        made.append(client.create_image_from_instance_id(name, instance_id=instance_id).image_id)
        wait_for_image(client, made[-1])
    return made


def new_image(client, name="golden"):
    (image_id,) = new_images(client, name)
    return image_id


def ids(rows):
    return [row.id for row in rows]
