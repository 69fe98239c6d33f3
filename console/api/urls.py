"""The API's URL table: path, method, query verb and handler.

A fixed path comes before a pattern that also matches it.
"""

from __future__ import annotations

from django.urls import path

from . import images, instances, openapi, regions, sharing
from .dispatch import Handler, Operations

INSTANCES: dict[str, Handler] = {"GET": instances.list_instances, "POST": instances.create}
INSTANCE: dict[str, Handler] = {
    "GET": instances.get_instance,
    "PUT ?start": instances.start,
    "PUT ?stop": instances.stop,
    "PUT ?reboot": instances.reboot,
    "PUT ?rebuild": instances.rebuild,
    "DELETE": instances.release,
    "POST": instances.release,
}

urlpatterns = [
    path("v2/openapi.json", openapi.document),
    path("v2/image", Operations({"GET": images.list_images, "POST": images.create})),
    path("v2/image/rename", Operations({"PUT": images.rename})),
    path("v2/image/os", Operations({"POST": images.list_os})),
    path("v2/image/import", Operations({"POST": images.import_image})),
    path(
        "v2/image/<image_id>",
        Operations(
            {
                "GET": images.get_image,
                "POST ?share": sharing.share,
                "POST ?unshare": sharing.unshare,
                "POST ?remoteCopy": images.copy_to_regions,
                "POST ?cancelRemoteCopy": images.cancel_copy,
                "DELETE": images.delete,
            }
        ),
    ),
    path("v2/image/<image_id>/sharedUsers", Operations({"GET": sharing.list_shared_users})),
    path("v2/instance", Operations(INSTANCES)),
    path("v2/instanceBySpec", Operations({"POST": instances.create})),
    path("v2/instance/listByInstanceId", Operations({"POST": instances.list_by_ids})),
    path("v2/instance/rebuild", Operations({"PUT": instances.rebuild_all})),
    path(
        "v2/instance/batchAction",
        Operations({"PUT ?start": instances.start_all, "PUT ?stop": instances.stop_all}),
    ),
    path("v2/instance/<instance_id>", Operations(INSTANCE)),
    path("v2/region/describeRegions", Operations({"POST": regions.describe_regions})),
    path("v2/zone", Operations({"GET": regions.list_zones})),
    # Used by the JavaScript SDK
    path("v1/image", Operations({"GET": images.list_images})),
    path("v1/instance", Operations(INSTANCES)),
    path("v1/instance/<instance_id>", Operations(INSTANCE)),
    path("v1/token/create", Operations({"POST": regions.create_token})),
]
