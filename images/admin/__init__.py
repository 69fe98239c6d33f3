"""Django admin for operators. Each module registers its models."""

from . import images, instances, regions, share_grants

__all__ = ["images", "instances", "regions", "share_grants"]
