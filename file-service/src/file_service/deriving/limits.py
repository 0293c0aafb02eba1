"""What each parser may take."""

from collections.abc import Mapping

from file_service.sandbox.limits import Limits

_MIB, _GIB = 1024**2, 1024**3
_MINUTE = 60

# The clock runs on while others are served first, so it is set for a machine that is busy.
_SMALL = Limits(seconds=15 * _MINUTE, processor_seconds=2 * _MINUTE, scratch=64 * _MIB)
_TABLE = Limits(seconds=4 * 60 * _MINUTE, processor_seconds=60 * _MINUTE, output=64 * _GIB)

LIMITS: Mapping[str, Limits] = {
    "csv": _TABLE,
    "document": _SMALL,
    "image": _SMALL,
    "pdf": _SMALL,
    "xlsx": _TABLE,
}
LONGEST = max(limits.seconds for limits in LIMITS.values())
