"""Sets the cookies of our own pages: out of reach of scripts, and for nothing but this service."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request, Response

from strongroom.web.public_address import PublicAddress


@dataclass(frozen=True, slots=True)
class Cookies:
    """The public address counts, not only what the last proxy speaks to us: others may end TLS, or have a prefix."""

    address: PublicAddress

    def put(
        self,
        request: Request,
        response: Response,
        name: str,
        value: str,
        *,
        samesite: Literal["lax", "strict"],
        max_age: int | None = None,
    ) -> None:
        """`max_age` is in seconds; without it the cookie is gone with the browser."""
        secure = "https" in {urlsplit(self.address.configured).scheme, request.url.scheme}
        response.set_cookie(
            name, value, max_age=max_age, path=self._path(request), httponly=True, samesite=samesite, secure=secure
        )

    def remove(self, request: Request, response: Response, name: str) -> None:
        response.delete_cookie(name, path=self._path(request))

    def _path(self, request: Request) -> str:
        """Where the browser finds this service."""
        return f"{urlsplit(self.address.of(request.scope)).path}/auth"
