"""Why there is nothing derived to be had."""

from strongroom.errors import Conflict, NotFound, Unprocessable


class NotDerivable(NotFound):
    slug = "not-derivable"
    title = "Files of this kind have nothing like it"


class NotDerivedYet(Conflict):
    """The same request will do later; `Retry-After` (RFC 9110 §10.2.3) says when to try."""

    slug = "not-derived-yet"
    title = "This is still being made"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class UnreadableFile(Unprocessable):
    """The member `reason` says it in one word."""

    slug = "unreadable-file"
    title = "The content of this file cannot be read"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.members["reason"] = reason
