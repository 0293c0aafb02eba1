"""Whether values repeat, in bounded memory: their hashes are kept, of so many values and no more."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

_LIMIT = 1_000_000  # about 100 MiB


@dataclass(slots=True)
class Allowance:
    """How many more hashes may be kept, by all that keep any."""

    left: int = _LIMIT


class Uniqueness:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._seen: set[int] = set()
        self.checked = True  # False from when there were too many

    def repeated(self, values: Iterable[Hashable | None]) -> list[bool]:
        """Of each, whether it came before; None never did."""
        return [value is not None and self.checked and self._came_before(hash(value)) for value in values]

    def _came_before(self, digest: int) -> bool:
        if digest in self._seen:
            return True
        if not self._allowance.left:
            self.checked = False
            self._seen.clear()
            return False
        self._allowance.left -= 1
        self._seen.add(digest)
        return False
