"""Converters for IDs in paths. A malformed ID is a 404 without a query."""


class ImageIdConverter:
    regex = "m-[A-Za-z0-9]{8}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


class InstanceIdConverter(ImageIdConverter):
    regex = "i-[A-Za-z0-9]{8}"


class RegionConverter(ImageIdConverter):
    regex = "[a-z]{2,3}"
