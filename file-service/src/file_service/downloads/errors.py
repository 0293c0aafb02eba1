"""How a download can fail, beside what finding the file can."""

from strongroom.errors import AppError, Forbidden


class NotCode(Forbidden):
    """A page of this origin would load the file as a script or a style sheet, as only injected markup would have it."""

    slug = "not-code"
    title = "What is stored here is data, and no page's code"


class RangeNotSatisfiable(AppError):
    """RFC 9110 §15.5.17: nothing of what was asked for lies in the file. `size` is the file's, in bytes."""

    status = 416
    slug = "range-not-satisfiable"
    title = "The file has none of these bytes"

    def __init__(self, size: int) -> None:
        super().__init__(f"It has {size} bytes", headers={"Content-Range": f"bytes */{size}"})
