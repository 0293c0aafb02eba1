"""What files hold here: bytes that anybody can make again who knows the seed and the size."""

import random
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

_WORDS = ("anchor", "barley", "cobalt", "dune", "ember", "fjord", "gravel", "harbour", "island", "juniper")
_LARGEST_TEXT = 20_000


@dataclass(frozen=True)
class Content:
    """A small one of an even seed is a text, so that there is something for the worker to read."""

    seed: int
    size: int

    def bytes(self) -> bytes:
        chance = random.Random(self.seed)
        if self.seed % 2 or self.size > _LARGEST_TEXT:
            return chance.randbytes(self.size)
        return " ".join(chance.choices(_WORDS, k=self.size // 4 + 1)).encode()[: self.size]

    @cached_property
    def sha256(self) -> str:
        return sha256(self.bytes()).hexdigest()


def any_content(chance: random.Random) -> Content:
    """Mostly small; one in ten has several parts where it is stored."""
    size = chance.randint(1, 60_000) if chance.random() < 0.9 else chance.randint(1_000_000, 9_000_000)
    return Content(chance.getrandbits(48), size)
