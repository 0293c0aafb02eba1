"""What an address is good for, and its form: signed, so that nothing of it is kept anywhere."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

_MAC_BYTES = 32
_LONGEST = 16_384  # whatever is in a token fits


@dataclass(frozen=True, slots=True)
class Grant:
    """One version of a file, for as long as the session, and the token, that asked for it is not revoked.

    `account` is whose right to read it is. Times are in Unix seconds.
    """

    file_id: UUID
    version: int
    inline: bool
    expires_at: int
    account: str
    session_id: str | None
    token_id: str | None
    issued_at: float


class Seal:
    """Under another key nothing is good that was given out before."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def close(self, grant: Grant) -> str:
        """In characters that an address takes as they are."""
        members = (
            str(grant.file_id),
            grant.version,
            grant.inline,
            grant.expires_at,
            grant.account,
            grant.session_id,
            grant.token_id,
            grant.issued_at,
        )
        said = json.dumps(members, separators=(",", ":")).encode()
        return urlsafe_b64encode(self._mac(said) + said).rstrip(b"=").decode()

    def open(self, sealed: str) -> Grant | None:
        """None unless it is, letter by letter, what `close` has made."""
        if len(sealed) > _LONGEST or not sealed.isascii() or "=" in sealed:
            return None
        try:
            raw = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        except ValueError:
            return None
        mac, said = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        # The decoder passes over what is not in its alphabet.
        is_spelt_so = urlsafe_b64encode(raw).rstrip(b"=").decode() == sealed
        if not is_spelt_so or not hmac.compare_digest(mac, self._mac(said)):
            return None
        file_id, *others = json.loads(said)
        return Grant(UUID(file_id), *others)

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")
