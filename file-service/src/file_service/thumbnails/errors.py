"""Why there is no thumbnail."""

from strongroom.errors import Unprocessable


class InvalidWidth(Unprocessable):
    slug = "invalid-width"
    title = "Thumbnails are not made in this width"
