"""How an attempt can be refused."""

from strongroom.errors import TooManyRequests


class TooManyAttempts(TooManyRequests):
    """`retry_after` is in whole seconds, and also in the `Retry-After` header (RFC 9110 §10.2.3)."""

    slug = "too-many-attempts"
    title = "Too many attempts; wait before the next one"

    def __init__(self, retry_after: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)})
        self.retry_after = retry_after
