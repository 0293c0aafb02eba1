"""Reads and writes where a request belongs in a trace (W3C Trace Context)."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KEY = r"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
_MEMBER = re.compile(_KEY + r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")
_MOST_MEMBERS = 32
_LONGEST_STATE = 512  # as much as is to be passed on at least (§3.3.1.5)
_SAMPLED = 0x01
_KNOWN_FLAGS = 0x03


@dataclass(frozen=True, slots=True)
class Trace:
    """`parent_id` is the caller's. `state` is passed on as it came."""

    trace_id: str
    parent_id: str
    flags: int = _SAMPLED
    state: str | None = None

    @classmethod
    def started(cls) -> "Trace":
        """Sampled, since our log lines tell of it, and because a callee may keep only what its caller kept."""
        return cls(secrets.token_hex(16), secrets.token_hex(8))

    def child(self) -> "Trace":
        """The same trace as somebody else is to see it whom we call."""
        return replace(self, parent_id=secrets.token_hex(8))

    def headers(self) -> dict[str, str]:
        """In version 00, and with the flags that it knows (§3.2)."""
        parent = {"traceparent": f"00-{self.trace_id}-{self.parent_id}-{self.flags & _KNOWN_FLAGS:02x}"}
        return parent if self.state is None else {**parent, "tracestate": self.state}


def trace_of(parents: Sequence[str], states: Sequence[str]) -> Trace | None:
    """What all the fields of these names say. None without a valid `traceparent` (§3.2, §4.3); a `tracestate` that is
    not valid is left out (§3.3).
    """
    if len(parents) != 1:
        return None
    found = _PARENT.fullmatch(parents[0].strip(" \t"))
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not trace_id.strip("0") or not parent_id.strip("0"):
        return None
    return Trace(trace_id, parent_id, int(flags, 16), _state(states))


def _state(fields: Sequence[str]) -> str | None:
    state = ",".join(fields)
    if not 0 < len(state) <= _LONGEST_STATE:
        return None
    members = [member for one in state.split(",") if (member := one.strip(" \t"))]
    keys = {member.partition("=")[0] for member in members}
    valid = len(keys) == len(members) <= _MOST_MEMBERS and all(map(_MEMBER.fullmatch, members))
    return state if members and valid else None
