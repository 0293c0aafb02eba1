"""An account at work: does this and that, all at random from a seed, and knows what it was promised."""

import random
import threading
from collections.abc import Callable

from chaos.asking import Asker
from chaos.changing import Changing
from chaos.identity import Identity
from chaos.journal import Journal
from chaos.ledger import Ledger
from chaos.reading import Reading, Strangers
from chaos.sharing import Sharing
from chaos.uploading import Uploading

_MOST_FILES = 30
_THOUGHT, _PATIENCE = 0.05, 0.5  # seconds at most, after an answer and after none


class Customer:
    def __init__(self, url: str, who: str, seed: str, journal: Journal, everybody: Strangers) -> None:
        self.who = who
        self.ledger = Ledger()
        self._chance = chance = random.Random(seed)
        self._journal = journal
        self._asker = asker = Asker(url, who, journal)
        self._identity = Identity(asker)
        self._uploading = uploading = Uploading(asker, self.ledger, chance)
        self._reading = reading = Reading(asker, self.ledger, chance, everybody)
        self._changing = changing = Changing(asker, self.ledger, chance, uploading.new_path)
        sharing = Sharing(asker, self.ledger, chance)
        self._deeds: dict[Callable[[], None], int] = {
            uploading.raw: 8,
            uploading.form: 6,
            uploading.resumable: 4,
            uploading.version: 5,
            reading.whole: 14,
            reading.part: 14,
            reading.listing: 12,
            reading.show: 2,
            reading.pry: 4,
            changing.rename: 6,
            changing.trash: 6,
            changing.recover: 4,
            changing.remove: 3,
            sharing.make: 3,
            sharing.visit: 5,
            sharing.revoke: 2,
            self._identity.refresh: 3,
            self._identity.sign_out: 1,
        }

    def begin(self) -> None:
        """While nothing is broken yet."""
        self._identity.sign_up()

    def work(self, is_over: threading.Event) -> None:
        deeds, weights = list(self._deeds), list(self._deeds.values())
        try:
            while not is_over.wait(self._chance.uniform(0, _THOUGHT if self._asker.was_served else _PATIENCE)):
                if not self._identity.is_signed_in():
                    continue
                if len(self.ledger.certain) > _MOST_FILES:
                    self._changing.remove()
                self._chance.choices(deeds, weights)[0]()
        except Exception as error:  # whoever waits for this customer is to hear of it
            self._journal.accuse(f"{self.who} could not go on: {error!r}")
            raise

    def check(self) -> None:
        """Whether all promises were kept, now that nothing is broken."""
        assert self._identity.is_signed_in()
        self._reading.check()
        self._identity.check_ended()

    def close(self) -> None:
        self._asker.close()
