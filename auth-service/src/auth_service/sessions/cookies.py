"""Keeps the cookies of our own pages: out of reach of scripts and of neighbours, and for nothing but this service."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request, Response

from strongroom.web.public_address import PublicAddress


@dataclass(frozen=True, slots=True)
class Cookies:
    """The public address counts, not only what the last proxy speaks to us: others may end TLS, or have a prefix.

    Behind TLS the names say what browsers hold them to (RFC 6265bis §4.1.3), so that no other host of the same domain
    plants one: `__Host-`, which is for whole hosts, or `__Secure-` where we share the host and are below a path of it.

    With a `path` of ours the cookie is sent there and nowhere else, and so it cannot be for the whole host either.
    """

    address: PublicAddress

    def get(self, request: Request, name: str, *, path: str | None = None) -> str | None:
        return request.cookies.get(self._named(request, name, path))

    def put(
        self,
        request: Request,
        response: Response,
        name: str,
        value: str,
        *,
        samesite: Literal["lax", "strict"],
        max_age: int | None = None,
        path: str | None = None,
    ) -> None:
        """`max_age` is in seconds; without it the cookie is gone with the browser."""
        response.set_cookie(
            self._named(request, name, path),
            value,
            max_age=max_age,
            path=self._path(request, path),
            httponly=True,
            samesite=samesite,
            secure=self._is_secure(request),
        )

    def remove(self, request: Request, response: Response, name: str, *, path: str | None = None) -> None:
        """Said in the same way as when it was put, or browsers would not believe it."""
        response.delete_cookie(
            self._named(request, name, path),
            path=self._path(request, path),
            httponly=True,
            secure=self._is_secure(request),
        )

    def _named(self, request: Request, name: str, path: str | None) -> str:
        if not self._is_secure(request):
            return name
        return f"__Host-{name}" if self._path(request, path) == "/" else f"__Secure-{name}"

    def _path(self, request: Request, path: str | None) -> str:
        """Where the browser finds this service, or all of a host that is ours alone."""
        prefix = self._prefix(request)
        if path is not None:
            return f"{prefix}{path}"
        return "/" if self._is_secure(request) and not prefix else f"{prefix}/auth"

    def _is_secure(self, request: Request) -> bool:
        return "https" in {urlsplit(self.address.configured).scheme, request.url.scheme}

    def _prefix(self, request: Request) -> str:
        return urlsplit(self.address.of(request.scope)).path
