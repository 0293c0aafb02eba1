"""How a download can fail, beside what finding the file can."""

from strongroom.errors import AppError


class RangeNotSatisfiable(AppError):
    """RFC 9110 §15.5.17: nothing of what was asked for lies in the file. `size` is the file's, in bytes."""

    status = 416
    slug = "range-not-satisfiable"
    title = "The file has none of these bytes"

    def __init__(self, size: int) -> None:
        super().__init__(f"It has {size} bytes", headers={"Content-Range": f"bytes */{size}"})
