"""What the bridge raises."""

from collections.abc import Sequence


class UnsupportedQuery(Exception):
    """No index answers this question in a bounded number of requests; the bridge never scans instead."""


class SaveRefused(Exception):
    """A save that did not happen, with sentences for the person; their input is kept."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(sentences))


class StaleObject(SaveRefused):
    """Somebody else has saved or deleted the object since it was read."""

    def __init__(self) -> None:
        super().__init__(["Somebody else has changed this in the meantime."])


class AlreadyExists(SaveRefused):
    """A new object has the key of one that is there."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__([f"“{key}” exists already."])
