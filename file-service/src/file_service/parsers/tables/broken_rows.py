"""The rows of a CSV file that are not in its table, and why: all are counted, the first are shown."""

from dataclasses import dataclass, field

from file_service.parsers.tables.lines import UNDECODABLE

_SHOWN = 100
TEXT_SHOWN = 200  # characters


@dataclass(slots=True)
class BrokenRows:
    count: int = 0
    shown: list[dict[str, int | str]] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """No more are shown."""
        return len(self.shown) == _SHOWN

    def add(self, line: int, reason: str, text: str) -> None:
        """`line` is the physical line, from 1, where the row begins, and `text` what stands there."""
        self.count += 1
        if not self.full:
            text = text[:TEXT_SHOWN].rstrip("\r\n").replace(UNDECODABLE, "\ufffd")
            self.shown.append({"line": line, "reason": reason, "text": text})
