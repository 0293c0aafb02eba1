"""How storing more can be refused."""

from strongroom.errors import AppError


class QuotaExceeded(AppError):
    """507 (RFC 4918 §11.5). `left` in the problem document says how many bytes there is room for."""

    status = 507
    slug = "quota-exceeded"
    title = "There is not enough room left"

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} bytes are left")
        self.members["left"] = left
