"""Calls about instances, and their refusals."""

from __future__ import annotations

from .programs import done

NOT_AVAILABLE = (409, "Image.ImageStatusForbidden", "Image status is not Available.")
PASSWORD = "Abcd1234!"


# Encrypted with the secret of tests/factories.py
ENCRYPTED = "3ccefba41cc272edb031c0571e343fe9"


def order(image, **extra):
    return {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "name": "web", **extra}


def path_of(instance):
    return f"/v2/instance/{instance.instance_id}"


def ids(response):
    return sorted(row["id"] for row in done(response)["instances"])
