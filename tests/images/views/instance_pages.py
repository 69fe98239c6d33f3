"""Addresses, forms and instances for the tests of instance pages."""

from __future__ import annotations

from images.models import Instance

from ...factories import (
    InstanceFactory,
)

STRONG = "Passw0rd!"


def page_of(instance, dialog=""):
    return f"/{instance.region_id}/instances/{instance.instance_id}/{dialog}"


def get_names(page):
    return [row["instance"].name for row in page.context["rows"]]


def all_rows():
    return list(Instance.objects.order_by("pk").values())


ADDRESSES = ["", "reinstall/", "start/", "stop/", "reboot/", "release/"]


def create_web(state, **fields):
    """Return an instance named web. `state` is "running" or a trait of InstanceFactory."""
    traits = {} if state == "running" else {state: True}
    return InstanceFactory.create(name="web", **traits, **fields)


def fill_form(image=None, /, **fields):
    data = {
        "image": image.image_id if image else "",
        "spec": "bcc.g5.c2m8",
        "system_disk_gb": "",
        "name": "web",
        "count": "1",
        "login": "password",
        "password": STRONG,
    }
    return data | fields


def create(browser, headers, image=None, /, **fields):
    return browser.post("/bj/instances/create/", fill_form(image, **fields), headers=headers)


BAD_PASSWORDS = {
    "none": "",
    "7 characters": "Passw0!",
    "17 characters": "Passw0rd!Passw0rd",
    "no digit": "Password!",
    "no letter": "12345678!",
    "no symbol": "Passw0rds",
    "a space": "Pass w0rd!",
    "a space before": " Passw0rd!",
    "not ASCII": "Pässw0rd!",
    "a letter and a digit of other scripts": "密码密码密码１２!",
    "another symbol": "Passw0rd!?",
    "a tab": "Passw0rd!\t",
    "a NUL": "Passw0rd!\0",
}
