"""Asks the installation in somebody's name, and has it noted how that went."""

import time
from collections.abc import Collection
from typing import Any

import httpx2
from chaos.journal import Asked, Journal

# What a client may be told while something is broken. It says nothing of whether the request was carried out.
_UNAVAILABLE = frozenset({502, 503, 504})
_PATIENCE = 30.0


class Asker:
    """`who` is told apart in the journal. Not for several threads."""

    def __init__(self, url: str, who: str, journal: Journal) -> None:
        self.who = who
        self.journal = journal
        self.authorization: dict[str, str] = {}
        self.was_served = True  # the last time
        self._http = httpx2.Client(base_url=url, timeout=_PATIENCE, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def ask(
        self, deed: str, method: str, path: str, *, good: Collection[int] = (200,), anonymous: bool = False, **more: Any
    ) -> httpx2.Response | None:
        """The answer, which has one of the statuses that are `good`. None if it is not known what has happened."""
        began_at = time.monotonic()
        headers = {**({} if anonymous else self.authorization), **more.pop("headers", {})}
        try:
            answer = self._http.request(method, path, headers=headers, **more)
        except httpx2.TransportError as error:
            self._note(deed, began_at, type(error).__name__)
            return None
        if answer.status_code in good:
            self._note(deed, began_at, str(answer.status_code), is_good=True)
            return answer
        self._note(deed, began_at, str(answer.status_code))
        if answer.status_code not in _UNAVAILABLE:
            self.accuse(f"{deed} was answered {answer.status_code} {answer.text[:300]}")
        return None

    def accuse(self, what: str) -> None:
        self.journal.accuse(f"{self.who}: {what}")

    def _note(self, deed: str, began_at: float, told: str, *, is_good: bool = False) -> None:
        self.was_served = is_good
        self.journal.note(self.who, Asked(deed, began_at, time.monotonic(), is_good, told))
