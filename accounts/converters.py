"""IDs in paths: what has not the form of an ID is a 404 before any look-up."""


class KeyIdConverter:
    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python
