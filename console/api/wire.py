"""Typed models of the bodies and queries of BCC's API, and functions that build them.

Unknown fields and nulls are accepted, because every official SDK sends some. Wrong types are
refused. Names are BCC's, in camel case on the wire. Sources: BCC's API reference, ImageModel and
InstanceModel in its appendix.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from accounts.models import Account
from images import quotas
from images.models import Image, Instance, Region
from images.models.disks import SYSTEM_FIELDS

MAX_KEYS = 1000
LONGEST_BATCH = 100


def reject_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("NUL characters are not allowed")
    return text


# PostgreSQL cannot store NUL.
Text = Annotated[str, AfterValidator(reject_nul)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Ids = Annotated[list[Text], Field(max_length=LONGEST_BATCH)]


class Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Body(Wire):
    """Request body."""

    model_config = ConfigDict(strict=True, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def drop_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class Query(Wire):
    """Query parameters."""

    model_config = ConfigDict(populate_by_name=False)


class Nothing(Wire):
    """Empty response."""


# Requests


class Page(Query):
    marker: Text = ""
    max_keys: Annotated[int, Field(ge=1)] = MAX_KEYS


class ImagesQuery(Page):
    image_type: Literal[
        "All", "System", "Custom", "Integration", "Sharing",
        "BbcSystem", "BbcCustom", "GpuBccSystem", "GpuBccCustom", "GpuBbcSystem", "GpuBbcCustom",
        "FpgaBccSystem", "FpgaBccCustom", "EbcTotal", "EbcSystem", "EbcCustom",
    ] = "All"  # fmt: skip
    image_name: Text = ""


class InstanceFilters(Page):
    """Filters that apply to instances here, as comma-separated lists."""

    instance_ids: Text = ""
    instance_names: Text = ""
    fuzzy_instance_name: Text = ""
    status: Text = ""
    zone_name: Text = ""
    payment_timing: Text = ""
    internal_ip: Text = ""


class InstancesQuery(InstanceFilters):
    """Filters are comma-separated lists. Filters from dedicatedHostId on match nothing."""

    dedicated_host_id: Text = ""
    deploy_set_ids: Text = ""
    security_group_ids: Text = ""
    cds_ids: Text = ""
    ehc_cluster_id: Text = ""
    vpc_id: Text = ""
    tags: Text = ""
    keypair_ids: Text = ""
    auto_renew: Text = ""
    private_ips: Text = ""
    ipv6_addresses: Text = ""

    @property
    def matches_nothing(self) -> bool:
        """Return True if a filter asks for what no instance here has."""
        renews = self.auto_renew.lower() == "true"
        others = UNSUPPORTED_FILTERS - {"auto_renew"}
        return renews or any(getattr(self, name) for name in others)


UNSUPPORTED_FILTERS = InstancesQuery.model_fields.keys() - InstanceFilters.model_fields.keys()


class Recipient(Body):
    account: Text = ""
    account_id: Text = ""
    uc_account: Text = ""

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """Return the identifiers in the body, each with the field of Account that must match."""
        identifiers = (
            ("name", self.account),
            ("account_id", self.account_id),
            ("uc_account", self.uc_account),
        )
        return [(field, text) for field, text in identifiers if text]


class CreateImage(Body):
    image_name: Text
    instance_id: Text = ""
    snapshot_id: Text = ""
    relate_cds: bool = False
    encrypt_key: Text = ""


class RemoteCopy(Body):
    name: Text = ""
    dest_region: Annotated[list[Text], Field(max_length=LONGEST_BATCH)]


class Rename(Body):
    """One image, or several with imageIds."""

    name: Text
    image_id: Text = ""
    image_ids: Ids = []


class InstanceIds(Body):
    instance_ids: Ids = []


class Batch(Body):
    instance_ids: Annotated[Ids, Field(min_length=1)]


def drop_zeros(data: Any) -> Any:
    """Drop zeros and empty strings, which the Go SDK sends for unset fields."""
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if value not in (0, "")}
    return data


class Reservation(Body):
    reservation_length: Annotated[int, Field(ge=1, le=36)] = 1
    reservation_time_unit: Literal["month", "Month", "year", "Year"] = "Month"

    drop_zeros = model_validator(mode="before")(drop_zeros)


class Billing(Body):
    payment_timing: Literal["Postpaid", "Prepaid", "bidding"] = "Postpaid"
    reservation: Reservation = Reservation()

    drop_zeros = model_validator(mode="before")(drop_zeros)


class Login(Body):
    """A password in clear or encrypted, or the image's login."""

    admin_pass: Text = ""
    keypair_id: Text = ""
    keep_image_login: bool = False


class CreateInstance(Login):
    image_id: Text
    spec: Text = ""
    cpu_count: Count = 0
    memory_capacity_in_gb: Annotated[Count, Field(alias="memoryCapacityInGB")] = 0
    name: Annotated[Text, Field(max_length=255)] = ""
    purchase_count: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    auto_seq_suffix: bool = False
    root_disk_size_in_gb: Count = 0
    zone_name: Text = ""
    billing: Billing = Billing()


class Rebuild(Login):
    image_id: Text


class BatchRebuild(Rebuild):
    instance_ids: Annotated[Ids, Field(min_length=1)]


class DescribeRegions(Body):
    region: Text = ""


# Responses


class ImageModel(Wire):
    id: str
    name: str
    type: str
    os_type: str
    os_version: str
    os_arch: str
    os_name: str
    os_build: str
    os_lang: str
    special_version: str
    create_time: str
    status: str
    desc: str
    min_disk_gb: int
    disk_size: int = 0
    ephemeral_size: int = 0
    package: bool = False
    encrypted: bool
    snapshots: list[dict[str, Any]] = []


class ImageDetail(ImageModel):
    share_to_user_num_limit: int
    shared_to_user_num: int


class ImageAnswer(Wire):
    image: ImageDetail


class PageAnswer(Wire):
    """nextMarker is present only when there is another page."""

    marker: str
    is_truncated: bool
    next_marker: str | None = None
    max_keys: int


class ImagesAnswer(PageAnswer):
    images: list[ImageModel]


class SharedUser(Wire):
    account: str
    account_id: str
    uc_account: str


class SharedUsersAnswer(Wire):
    users: list[SharedUser]


class ImageIdAnswer(Wire):
    image_id: str


class Copy(Wire):
    region: str
    image_id: str
    err_msg: str = ""
    code: str = ""


class RemoteCopyAnswer(Wire):
    result: list[Copy]


class OsModel(Wire):
    instance_id: str
    os_arch: str
    os_name: str
    os_version: str
    os_type: str
    os_lang: str
    special_version: str


class OsAnswer(Wire):
    os_info: list[OsModel]


class InstanceModel(Wire):
    """Some numbers are strings, as the Go SDK expects."""

    id: str
    name: str
    hostname: str
    instance_type: str = "N5"
    spec: str
    desc: str
    status: str
    payment_timing: str
    create_time: str
    expire_time: str
    public_ip: str = ""
    internal_ip: str
    cpu_count: int
    gpu_card: str = ""
    fpga_card: str = ""
    card_count: str = "0"
    memory_capacity_in_gb: Annotated[int, Field(alias="memoryCapacityInGB")]
    local_disk_size_in_gb: Annotated[int, Field(alias="localDiskSizeInGB")] = 0
    root_disk_size_in_gb: int
    image_id: str
    image_name: str
    image_type: str
    os_name: str
    os_version: str
    os_arch: str
    network_capacity_in_mbps: int = 0
    zone_name: str
    subnet_id: str = ""
    vpc_id: str = ""
    auto_renew: bool = False
    keypair_id: str = ""
    eni_num: str = "0"
    eni_quota: int = 0
    deletion_protection: int = 0
    tags: list[dict[str, str]] = []
    volumes: list[dict[str, Any]] = []


class InstanceAnswer(Wire):
    instance: InstanceModel


class InstancesAnswer(PageAnswer):
    instances: list[InstanceModel]


class InstanceIdsAnswer(Wire):
    instance_ids: list[str]
    warning_list: list[str] = []
    order_id: str = ""


class RegionModel(Wire):
    region_id: str
    region_name: str
    region_endpoint: str


class RegionsAnswer(Wire):
    regions: list[RegionModel]


class ZoneModel(Wire):
    zone_name: str


class ZonesAnswer(Wire):
    zones: list[ZoneModel]


class TokenAnswer(Wire):
    token: str


class ErrorAnswer(Wire):
    """Error response."""

    request_id: str
    code: str
    message: str


# Our models as BCC's


def format_time(when: datetime | None) -> str:
    """Return the time in UTC, to the second, or an empty string for None."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""


# BCC has no status for an image that is being copied.
STATUSES: dict[str, str] = {Image.Status.COPYING.value: Image.Status.CREATING.value}
# What get_image_fields reads
IMAGE_COLUMNS = (
    "image_id", "name", "owner", "type", "created_at", "desc", "min_disk_gb",
    "passing_status", "settled_status", "settles_at", *SYSTEM_FIELDS,
)  # fmt: skip


def get_image_fields(image: Image, account: Account) -> dict[str, Any]:
    status = image.status
    return {
        "id": image.image_id,
        "name": image.name,
        "type": image.type_for(account).value,
        "create_time": format_time(image.created_at),
        "status": STATUSES.get(status, status),
        "desc": image.desc,
        "min_disk_gb": image.min_disk_gb,
        **image.system,
    }


def to_image_model(image: Image, account: Account) -> ImageModel:
    return ImageModel(**get_image_fields(image, account))


def to_image_detail(image: Image, account: Account, *, recipient_count: int | None) -> ImageDetail:
    """Return the detail. `recipient_count` is None for accounts other than the owner."""
    is_owner = recipient_count is not None
    return ImageDetail(
        **get_image_fields(image, account),
        share_to_user_num_limit=quotas.get_recipient_limit(image.owner) if is_owner else 0,
        shared_to_user_num=recipient_count or 0,
    )


def to_shared_user(account: Account) -> SharedUser:
    return SharedUser(
        account=account.name, account_id=account.account_id, uc_account=account.uc_account or ""
    )


def to_instance_model(instance: Instance) -> InstanceModel:
    is_prepaid = instance.expires_at is not None
    return InstanceModel(
        id=instance.instance_id,
        name=instance.name,
        hostname=instance.name,
        spec=instance.spec,
        desc=instance.desc,
        status=instance.status,
        payment_timing="Prepaid" if is_prepaid else "Postpaid",
        create_time=format_time(instance.created_at),
        expire_time=format_time(instance.expires_at),
        internal_ip=instance.internal_ip,
        cpu_count=instance.cpu_count,
        memory_capacity_in_gb=instance.memory_gb,
        root_disk_size_in_gb=instance.system_disk_gb,
        image_id=instance.image_id,
        image_name=instance.image_name,
        image_type=instance.image_type,
        os_name=instance.os_name,
        os_version=instance.os_version,
        os_arch=instance.os_arch,
        zone_name=instance.zone_name,
    )


def to_os_model(instance: Instance) -> OsModel:
    return OsModel(instance_id=instance.instance_id, **instance.system)


def to_region_model(region: Region, endpoint: str) -> RegionModel:
    return RegionModel(region_id=region.code, region_name=region.name_zh, region_endpoint=endpoint)
