"""Holds what is known to be revoked, for as long as it matters."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TypeVar

from strongroom.principal import Principal

Value = TypeVar("Value")

# In seconds. What a service gives out in the name of a session, to be good beside its tokens, lives at most for so
# long: the issuer tells of what it revoked until then, if tokens do not live longer.
LONGEST_GRANT = 3600
_PRUNED_AT_ONCE = 10_000  # a few milliseconds' work


@dataclass(frozen=True, slots=True)
class Revocation:
    """Times are in Unix seconds. After `expires_at` nothing that it concerns is valid anyway."""

    kind: str
    id: str
    revoked_at: float
    expires_at: float


class Revoked:
    """All that is known to be revoked: sessions, single tokens, and subjects up to a moment.

    Entries go about when they expire. They are kept in the order of their arrival, so that pruning looks at the front
    only; the few that expire out of order wait for those before them.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._sessions: dict[str, float] = {}  # by id, until when
        self._tokens: dict[str, float] = {}
        self._subjects: dict[str, tuple[float, float]] = {}  # by id, until when and revoked when

    def refuses(self, principal: Principal) -> bool:
        """A subject's revocation concerns the tokens issued up to that moment, not those of a later sign-in."""
        if principal.session_id in self._sessions or principal.token_id in self._tokens:
            return True
        found = self._subjects.get(principal.subject)
        return found is not None and principal.issued_at <= found[1]

    def add(self, revocation: Revocation) -> None:
        """Of two for the same id the later one counts. Kinds that are not known here are passed over."""
        until = revocation.expires_at
        if until <= self._clock():
            return
        match revocation.kind:
            case "session":
                _put_last(self._sessions, revocation.id, until)
            case "token":
                _put_last(self._tokens, revocation.id, until)
            case "subject":
                _put_last(self._subjects, revocation.id, (until, revocation.revoked_at))

    def prune(self) -> None:
        now = self._clock()
        _drop_while(self._sessions, lambda until: until <= now)
        _drop_while(self._tokens, lambda until: until <= now)
        _drop_while(self._subjects, lambda entry: entry[0] <= now)

    def __len__(self) -> int:
        return len(self._sessions) + len(self._tokens) + len(self._subjects)


def _put_last(entries: dict[str, Value], key: str, value: Value) -> None:
    entries.pop(key, None)  # an entry that is only replaced would keep its place and hold up those behind it
    entries[key] = value


def _drop_while(entries: dict[str, Value], over: Callable[[Value], bool]) -> None:
    # Collected in one pass: asking for the first entry again and again gets slower with every one dropped before it.
    expired = takewhile(lambda entry: over(entry[1]), entries.items())
    for key, _ in list(islice(expired, _PRUNED_AT_ONCE)):
        del entries[key]
