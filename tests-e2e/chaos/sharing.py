"""Makes share links, visits them as a stranger, and takes them back."""

import random

from chaos.asking import Asker
from chaos.ledger import Entry, Ledger

_MOST = 20


class Sharing:
    def __init__(self, asker: Asker, ledger: Ledger, chance: random.Random) -> None:
        self._asker = asker
        self._ledger = ledger
        self._chance = chance
        self._links: list[tuple[str, str, Entry]] = []  # id, address, of which file

    def make(self) -> None:
        present = self._ledger.present()
        if not present or len(self._links) >= _MOST:
            return
        entry = self._chance.choice(present)
        answer = self._asker.ask("link", "POST", f"/files/{entry.id}/links", good=(201,))
        if answer is not None:
            self._links.append((answer.json()["id"], answer.json()["url"], entry))

    def visit(self) -> None:
        """One to a file that is certainly there gives its bytes."""
        present = self._ledger.present()
        if known := [(address, entry) for _, address, entry in self._links if entry in present]:
            address, entry = self._chance.choice(known)
            answer = self._asker.ask("visit", "GET", address, anonymous=True)
            assert entry.state is not None
            if answer is not None and answer.content != entry.state.content.bytes():
                self._asker.accuse(f"wrong bytes by a link to {entry}")

    def revoke(self) -> None:
        if not self._links:
            return
        link_id, address, _ = self._links.pop(self._chance.randrange(len(self._links)))
        # 404 if it was carried out before: what is idempotent, the gateway may send again.
        if self._asker.ask("unlink", "DELETE", f"/files/links/{link_id}", good=(204, 404)) is not None:
            self._asker.ask("visit in vain", "GET", address, good=(404,), anonymous=True)
