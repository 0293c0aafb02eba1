"""Asks people for what is secret, without showing it, and on standard error; or reads it from standard input."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getpass

from strongroom.cli.failures import WrongUsage


@dataclass(frozen=True, slots=True)
class Prompts:
    """With `from_stdin` each secret is a line there, for scripts."""

    from_stdin: bool = False

    def email(self) -> str:
        if self.from_stdin or not sys.stdin.isatty():
            raise WrongUsage("Say who: --email ada@example.com")
        return _line("Email: ")

    def password(self, what: str = "Password: ") -> str:
        return self._secret(what, "Say --password-stdin to have the password read from standard input")

    def code(self) -> str:
        return self._secret(
            "Code of your app, or a recovery code: ", "A code is needed: a second line on standard input"
        )

    def _secret(self, what: str, otherwise: str) -> str:
        if not self.from_stdin and not sys.stdin.isatty():
            raise WrongUsage(otherwise)
        try:
            with _interruptible():
                told = sys.stdin.readline().rstrip("\n") if self.from_stdin else getpass(what, sys.stderr)
        except EOFError:
            told = ""
        if not told:
            raise WrongUsage(otherwise if self.from_stdin else "Nothing was typed")
        return told


def agreed(question: str) -> bool:
    """Whether somebody at the terminal says yes. Raises WrongUsage where nobody can be asked: silence is no yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage("Nobody can be asked here whether to: say --yes")
    return _line(f"{question} [y/N] ").lower() in {"y", "yes"}


def _line(question: str) -> str:
    with _interruptible():
        sys.stderr.write(question)
        sys.stderr.flush()
        return sys.stdin.readline().strip()


@contextmanager
def _interruptible() -> Iterator[None]:
    """At once: an event loop's own way to be interrupted waits until it is its turn, which here it never is."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
