"""Which certificates a client of HTTP services believes."""

import ssl


def believed(*urls: str) -> ssl.SSLContext | bool:
    """What `httpx2` takes as `verify`, for a client of these addresses that follows no redirects to others.

    To read this machine's authorities takes a twentieth of a second, as long as hundreds of tokens. Where no address
    has TLS they are not needed, and a context without any believes nobody.
    """
    if all(url.startswith("http://") for url in urls):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return True
