"""Makes sure that a form which is posted here is one that we gave to this very browser."""

import hmac
import secrets


class Csrf:
    """A signed double-submit token: the cookie holds random bits, the form their keyed hash over the request it is for.

    The cookie is HttpOnly and SameSite=Lax, so another site can neither read it nor have it sent along with a form.
    Were it Strict, it would stay behind when an app sends a person here, and a new one would void forms in other tabs.
    """

    COOKIE = "strongroom_csrf"

    def __init__(self, key: bytes) -> None:
        self._key = key

    def new_cookie(self) -> str:
        return secrets.token_urlsafe(32)

    def token(self, cookie: str, subject: str) -> str:
        return hmac.new(self._key, f"{cookie} {subject}".encode(), "sha256").hexdigest()

    def holds(self, cookie: str | None, subject: str, token: str | None) -> bool:
        if not cookie or not token:
            return False
        return hmac.compare_digest(self.token(cookie, subject).encode(), token.encode())
