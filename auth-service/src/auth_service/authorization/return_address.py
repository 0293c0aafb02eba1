"""Where the answer to an authorization request goes."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

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
        # Appended, not taken apart and put together again, so that the rest stays as it was registered.
        joint = "&" if "?" in self.redirect_uri else "?"
        return self.redirect_uri + joint + urlencode({**answer, **state, "iss": issuer})

    @property
    def client_is_certain(self) -> bool:
        """Any app on the device can use the id of a public one and listen at its address (RFC 8252 §8.6)."""
        return self.client.secret_digest is not None or self.redirect_uri.startswith("https:")

    @property
    def target(self) -> str:
        """What a person recognises of the address: its origin, or an app's own scheme."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"https", "http"} else f"{parts.scheme}:"

    @property
    def form_target(self) -> str:
        """How a Content-Security-Policy names it, which has no words for IPv6 addresses (CSP 3 §2.3.1)."""
        return "http:" if "[" in self.target else self.target
