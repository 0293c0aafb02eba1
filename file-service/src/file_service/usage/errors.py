"""How storing more, or changing what is stored, can be refused."""

from strongroom.errors import AppError


class QuotaExceeded(AppError):
    """507 (RFC 4918 §11.5). `left` in the problem document says how many bytes there is room for."""

    status = 507
    slug = "quota-exceeded"
    title = "There is not enough room left"

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} bytes are left")
        self.members["left"] = left


class OwnerGone(AppError):
    """410: the owner's account was deleted. Whatever was to be kept or changed for them is not."""

    status = 410
    slug = "owner-gone"
    title = "The account that this belongs to was deleted"


class OwnerBusy(AppError):
    """Something else has been changing the same tree for longer than anybody waits.

    Not an Unavailable, after which nobody could tell what was done: here it is certain that nothing was.
    """

    status = 503
    slug = "owner-busy"
    title = "Another change to these files is not through yet"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})
