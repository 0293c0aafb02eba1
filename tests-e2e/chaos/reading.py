"""Reads what is there and compares every byte, and tries what is somebody else's."""

import random
from collections import deque
from typing import Any

from chaos.asking import Asker
from chaos.content import Content
from chaos.ledger import Entry, Ledger

Strangers = deque[tuple[str, str]]  # who, and the id of a file of theirs


class Reading:
    def __init__(self, asker: Asker, ledger: Ledger, chance: random.Random, everybody: Strangers) -> None:
        self._asker = asker
        self._ledger = ledger
        self._chance = chance
        self._everybody = everybody

    def whole(self) -> None:
        if entry := self._any():
            self.download(entry, _content(entry))

    def part(self) -> None:
        if (entry := self._any()) is None:
            return
        body = _content(entry).bytes()
        first = self._chance.randrange(len(body))
        last = self._chance.randrange(first, len(body))
        span = {"Range": f"bytes={first}-{last}"}
        answer = self._asker.ask("range", "GET", f"/files/{entry.id}/download", good=(206,), headers=span)
        if answer is not None and answer.content != body[first : last + 1]:
            self._asker.accuse(f"wrong bytes {first} to {last} of {entry}")

    def listing(self) -> None:
        tree = self.items(trashed=False)
        for wrong in self._ledger.compare_tree(tree) if tree is not None else ():
            self._asker.accuse(wrong)

    def pry(self) -> None:
        """Somebody else's file is as if it were not there."""
        others = [file_id for who, file_id in self._everybody.copy() if who != self._asker.who]
        if others:
            more = self._chance.choice(("", "/download", "/versions"))
            self._asker.ask("pry", "GET", f"/files/{self._chance.choice(others)}{more}", good=(404,))

    def show(self) -> None:
        """Lets the others try one of ours."""
        if entry := self._any():
            self._everybody.append((self._asker.who, str(entry.id)))

    def items(self, *, trashed: bool) -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": 100, "trashed": trashed, **({"cursor": cursor} if cursor else {})}
            answer = self._asker.ask("list", "GET", "/files", params=query)
            if answer is None:
                return None
            found += answer.json()["items"]
            cursor = answer.json()["next_cursor"]
        return found

    def download(self, entry: Entry, content: Content) -> None:
        answer = self._asker.ask("download", "GET", f"/files/{entry.id}/download")
        if answer is not None and answer.content != content.bytes():
            self._asker.accuse(f"wrong bytes of {entry}")

    def check(self) -> None:
        """Everything that was promised, now that nothing is broken."""
        tree, trash = self.items(trashed=False), self.items(trashed=True)
        assert tree is not None
        assert trash is not None
        for wrong in self._ledger.compare(tree, trash):
            self._asker.accuse(wrong)
        for entry in self._ledger.present():
            self.download(entry, _content(entry))
            self._check_versions(entry)

    def _check_versions(self, entry: Entry) -> None:
        answer = self._asker.ask("versions", "GET", f"/files/{entry.id}/versions", params={"limit": 100})
        there = {one["sha256"] for one in answer.json()["items"]} if answer is not None else set()
        if lost := [one for one in entry.versions if one.sha256 not in there]:
            self._asker.accuse(f"versions are lost of {entry}: {lost}")

    def _any(self) -> Entry | None:
        present = self._ledger.present()
        return self._chance.choice(present) if present else None


def _content(entry: Entry) -> Content:
    assert entry.state is not None
    return entry.state.content
