"""How much a parser may take."""

from dataclasses import dataclass

_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds. `seconds` pass on the clock, `processor_seconds` (0: no limit) are those it works."""

    memory: int = 512 * _MIB
    seconds: float = 300
    processor_seconds: int = 120
    output: int = 256 * _MIB
    scratch: int = 0
