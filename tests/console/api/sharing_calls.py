"""Calls that share and unshare, and their refusals."""

from __future__ import annotations

from images.models import ShareGrant

NOT_CUSTOM = (403, "Image.UnCustomImageCannotBeShared", "Only custom image can be shared.")
NOT_AVAILABLE = (409, "Image.ImageStatusForbidden", "Image status is not Available.")
EMPTY = (400, "Image.AccountListIsEmpty", "Account list is empty.")
INVALID = (400, "Image.InvalidAccount", "Account is invalid.")
OWNER = (403, "Image.CannotShareToOwner", "Cannot share to owner.")
REPEATED = (409, "Image.AccountHasBeenShared", "Account has been shared.")
IMAGE_FULL = (413, "Image.ExceedSharedToUserNumQuota", "Exceed shared to user num quota.")

RECIPIENT_FULL = (
    413,
    "Image.ExceedAcceptSharedImageNumQuota",
    "Exceed accept shared image num quota",
)


def share(program, image, **recipient):
    return program("POST", f"/v2/image/{image.image_id}", recipient, share="")


def unshare(program, image, **recipient):
    return program("POST", f"/v2/image/{image.image_id}", recipient, unshare="")


def recipients(image):
    return {grant.recipient for grant in ShareGrant.objects.filter(image=image)}
