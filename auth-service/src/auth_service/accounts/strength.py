"""Judges whether a new password is hard enough to guess."""

from collections.abc import Sequence

from zxcvbn import zxcvbn

from auth_service.accounts.errors import WeakPassword

_LOWEST_SCORE = 3  # of 0 to 4: more than 10^8 guesses
_SHORTEST = 8
_NAMES = ("strongroom",)  # what anybody would try here first
_LONGEST_JUDGED = 32  # enough to decide, and the cost of what is made up to be costly grows with the square


def require_strong(password: str, *, known: Sequence[str]) -> None:
    """Raises WeakPassword with the reason. `known` is what an attacker would try first: the name and the address."""
    if len(password) < _SHORTEST:
        raise WeakPassword(f"Use at least {_SHORTEST} characters")
    judgement = zxcvbn(password[:_LONGEST_JUDGED], user_inputs=[*_NAMES, *filter(None, known)])
    if judgement["score"] < _LOWEST_SCORE:
        feedback = judgement["feedback"]
        hints = [hint for hint in (feedback["warning"], *feedback["suggestions"]) if hint]
        raise WeakPassword(" ".join(hints) or "Add another word or two. Uncommon words are better.")
