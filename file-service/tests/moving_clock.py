"""A clock that tests move."""

from datetime import UTC, datetime, timedelta


class MovingClock:
    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, **much: float) -> None:
        self._ahead += timedelta(**much)
