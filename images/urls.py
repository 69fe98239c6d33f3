from django.urls import path

from accounts import exports

from .views import (
    activity,
    images,
    inbox,
    instances,
    lifecycle,
    recipients,
    selection,
    sharing,
    unsharing,
)

image_urls = (
    [
        path("", images.image_list, name="list"),
        path("choose/", selection.choose, name="choose"),
        path("delete/", selection.delete_several, name="delete-several"),
        path("progress/", images.progress, name="progress"),
        path("create/", lifecycle.create, name="create"),
        path("<image_id:image_id>/", images.detail, name="detail"),
        path("<image_id:image_id>/menu/", images.menu, name="menu"),
        path("<image_id:image_id>/edit/", lifecycle.edit, name="edit"),
        path("<image_id:image_id>/delete/", lifecycle.delete, name="delete"),
        path("<image_id:image_id>/copy/", lifecycle.copy, name="copy"),
        path("<image_id:image_id>/cancel/", lifecycle.cancel, name="cancel"),
        path("<image_id:image_id>/share/", sharing.share, name="share"),
        path("<image_id:image_id>/share/check/", sharing.check_recipients, name="check"),
        path("<image_id:image_id>/share/take/", sharing.copy_recipients, name="copy-recipients"),
        path("<image_id:image_id>/unshare/", unsharing.unshare, name="unshare"),
        path(
            "<image_id:image_id>/unshare/choose/",
            unsharing.choose_recipients,
            name="choose-recipients",
        ),
        path("<image_id:image_id>/recipients.csv", recipients.export, name="recipients"),
        path("<image_id:image_id>/restore/<int:event>/", unsharing.restore, name="restore"),
    ],
    "images",
)
instance_urls = (
    [
        path("", instances.instance_list, name="list"),
        path("progress/", instances.progress, name="progress"),
        path("create/", instances.create, name="create"),
        path("<instance_id:instance_id>/", instances.detail, name="detail"),
        path("<instance_id:instance_id>/menu/", instances.menu, name="menu"),
        path("<instance_id:instance_id>/reinstall/", instances.reinstall, name="reinstall"),
        *(
            path(
                f"<instance_id:instance_id>/{action}/",
                instances.change,
                {"action": action},
                name=action,
            )
            for action in instances.CHANGES
        ),
    ],
    "instances",
)
activity_urls = (
    [
        path("", activity.activity, name="list"),
        *(
            path(f"export/{kind}/", activity.export, {"kind": kind}, name=kind)
            for kind in exports.FORMATS
        ),
    ],
    "activity",
)
inbox_urls = (
    [
        path("", inbox.inbox, name="list"),
        path("seen/", inbox.mark_read, name="mark-read"),
    ],
    "inbox",
)
