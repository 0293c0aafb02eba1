"""What an audit came to, in words that cannot be taken for more than was found out."""

from collections import Counter
from dataclasses import dataclass, field

FOUND, CLEAN, NOT_CHECKED = 1, 0, 3


@dataclass(slots=True)
class Findings:
    """`checked` releases of which everything was told; what is wrong; and why something is not known."""

    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)  # of what, and why

    @property
    def exit_code(self) -> int:
        """1 where something is wrong, 3 where not all of it could be checked, and 0 only where all of it was."""
        if self.wrong:
            return FOUND
        return NOT_CHECKED if self.unknown or not self.checked else CLEAN

    def report(self, what: str) -> list[str]:
        lines = [f"WRONG: {one}" for one in self.wrong]
        for why, count in Counter(why for _, why in self.unknown).most_common():
            named = [of for of, reason in self.unknown if reason == why]
            lines.append(
                f"NOT CHECKED: {why}: {count} ({', '.join(named[:8])}{', …' if count > len(named[:8]) else ''})"
            )
        if self.checked or not self.unknown:
            lines.append(f"checked: {self.checked} {what}, {len(self.wrong)} of them wrong")
        return lines
