"""What a verified token says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a verified token speaks for, and what it allows. `issued_at` and `expires_at` are in Unix seconds."""

    subject: str
    client_id: str | None
    session_id: str | None
    scopes: frozenset[str]
    roles: frozenset[str]
    token_id: str | None
    issued_at: float
    expires_at: int
