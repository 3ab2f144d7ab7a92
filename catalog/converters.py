class SlugConverter:
    """The last part of an address; anything longer could not be a key in DynamoDB either."""

    regex = "[a-z0-9-]{1,100}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
