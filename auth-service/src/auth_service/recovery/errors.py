"""How following a link can fail."""

from strongroom.errors import BadRequest


class InvalidLink(BadRequest):
    """Used, expired, replaced by a newer one, or never given out: they cannot be told apart."""

    slug = "invalid-link"
    title = "This link is not good any more"

    def __init__(self) -> None:
        super().__init__("It was used already, it is too old, or there is a newer one. Ask for another one.")
