"""Moves files, drops them to the trash, takes them out of it, and removes them for good."""

import random
from collections.abc import Callable
from dataclasses import replace

from chaos.asking import Asker
from chaos.ledger import Entry, Ledger, State


class Changing:
    def __init__(self, asker: Asker, ledger: Ledger, chance: random.Random, new_path: Callable[[], str]) -> None:
        self._asker = asker
        self._ledger = ledger
        self._chance = chance
        self._new_path = new_path

    def rename(self) -> None:
        if (chosen := self._any()) is None:
            return
        entry, state = chosen
        after = replace(state, path=self._new_path())
        with self._ledger.changing(entry, after) as promise:
            if self._asker.ask("rename", "PATCH", f"/files/{entry.id}", json={"path": after.path}) is not None:
                promise.given()

    def trash(self) -> None:
        if (chosen := self._any()) is None:
            return
        entry, state = chosen
        with self._ledger.changing(entry, replace(state, is_trashed=True)) as promise:
            answer = self._asker.ask("trash", "DELETE", f"/files/{entry.id}", good=(204,))
            if answer is not None:
                promise.given()

    def recover(self) -> None:
        if (chosen := self._any(is_trashed=True)) is None:
            return
        entry, state = chosen
        with self._ledger.changing(entry, replace(state, is_trashed=False)) as promise:
            if self._asker.ask("recover", "POST", f"/files/{entry.id}/restore") is not None:
                promise.given()

    def remove(self) -> None:
        if (chosen := self._any(is_trashed=self._chance.random() < 0.5)) is None:
            return
        entry, _ = chosen
        with self._ledger.changing(entry, None) as promise:
            query = {"permanent": True}
            # 404 if it was carried out before: what is idempotent, the gateway may send again.
            answer = self._asker.ask("remove", "DELETE", f"/files/{entry.id}", good=(204, 404), params=query)
            if answer is not None:
                promise.given()

    def _any(self, *, is_trashed: bool = False) -> tuple[Entry, State] | None:
        present = self._ledger.present(is_trashed=is_trashed)
        if not present:
            return None
        entry = self._chance.choice(present)
        assert entry.state is not None
        return entry, entry.state
