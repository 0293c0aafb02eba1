"""Where the answer to an authorization request goes."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from auth_service.clients.repository import Client


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """An address that the client registered, and the state that it wants back."""

    client: Client
    redirect_uri: str
    state: str | None

    def with_answer(self, answer: dict[str, str], issuer: str) -> str:
        """The address to send the person to (RFC 6749 §4.1.2), with the issuer in it (RFC 9207)."""
        state = {} if self.state is None else {"state": self.state}
        parts = urlsplit(self.redirect_uri)
        query = "&".join(part for part in (parts.query, urlencode({**answer, **state, "iss": issuer})) if part)
        return urlunsplit(parts._replace(query=query))
