"""Django admin for operators. Each module registers its models."""

from . import accounts, images, instances, regions, share_grants

__all__ = ["accounts", "images", "instances", "regions", "share_grants"]
