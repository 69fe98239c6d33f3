"""Calls about images, and their refusals."""

from __future__ import annotations

NOT_DELETABLE = (403, "Image.UnCustomImageCannotBeDeleted", "Only custom image can be deleted.")
NOT_COPYABLE = (409, "Image.ImageNotSupportCopy", "Image not support copy.")
NOT_COPYING = (409, "Image.ImageStatusForbidden", "Image status is not dest_copying.")


def path_of(image):
    return f"/v2/image/{image.image_id}"


def creation(instance, name="golden", **extra):
    return {"imageName": name, "instanceId": instance.instance_id, "relateCds": False, **extra}


def copying(program, image, *codes, name="copied"):
    body = {"name": name, "destRegion": codes}
    return program("POST", path_of(image), body, remoteCopy="")
