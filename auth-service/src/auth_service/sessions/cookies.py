"""Sets the cookies of our own pages: out of reach of scripts, and for nothing but this service."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request, Response


@dataclass(frozen=True, slots=True)
class Cookies:
    """`public_url` decides, not only what the last proxy speaks to us: it may end TLS, or keep us behind a prefix."""

    public_url: str

    @property
    def _path(self) -> str:
        return f"{urlsplit(self.public_url).path}/auth"

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
        secure = "https" in {urlsplit(self.public_url).scheme, request.url.scheme}
        response.set_cookie(
            name, value, max_age=max_age, path=self._path, httponly=True, samesite=samesite, secure=secure
        )

    def remove(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path=self._path)
