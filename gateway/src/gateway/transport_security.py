"""Tells browsers never again to speak to us without TLS (RFC 6797)."""

_A_YEAR = 31_536_000


def transport_security(public_url: str) -> bytes:
    """The header line of every answer; none where clients reach us without TLS, as on one's own machine.

    Names below ours are not ours to speak for, so they are not included.
    """
    return b"strict-transport-security: max-age=%d\r\n" % _A_YEAR if public_url.startswith("https://") else b""
