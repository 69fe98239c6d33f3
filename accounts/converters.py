"""Path converters for IDs. A malformed ID is a 404 without any look-up."""


class KeyIdConverter:
    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python
