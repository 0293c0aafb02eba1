"""How commands end, for scripts."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    NOT_FOUND = 4
    REFUSED = 5
    CONFLICT = 6
    TOO_LARGE = 7
    UNREACHABLE = 8
    PARTLY = 9
    INTERRUPTED = 130
    CLOSED_PIPE = 141


TOLD = """Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 not found, 5 not allowed, 6 something \
else is there already, 7 over the quota or too large, 8 the server does not \
answer, 9 some of several failed, 130 interrupted."""
