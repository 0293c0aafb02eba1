"""How storing more can be refused."""

from strongroom.errors import AppError


class QuotaExceeded(AppError):
    """507 (RFC 4918 §11.5). The detail says what is left."""

    status = 507
    slug = "quota-exceeded"
    title = "There is not enough room left"

    def __init__(self, left: int) -> None:
        super().__init__(f"{max(0, left)} bytes are left")
        self.left = max(0, left)
