"""Protects FastAPI routes with Strongroom's access tokens (RFC 6750)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Security
from fastapi.security import OAuth2PasswordBearer, SecurityScopes

from strongroom.errors import InsufficientScope, Unauthorized
from strongroom.principal import Principal
from strongroom.tokens import TokenVerifier
from strongroom.web.parts import part, provide
from strongroom.web.problems import render_problems

_bearer = OAuth2PasswordBearer(tokenUrl="/auth/token", scheme_name="Strongroom", auto_error=False)


def protect(app: FastAPI, verifier: TokenVerifier) -> None:
    """Makes `scoped` work in `app`: provides the verifier, closes it at shutdown, renders refusals as problem+json."""
    provide(app, verifier)
    render_problems(app)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[Any]:
        async with verifier, inner(application) as state:
            yield state

    app.router.lifespan_context = lifespan


def scoped(*scopes: str) -> Any:
    """A dependency that yields the request's Principal, whose token has every one of `scopes`.

    Without a token or with one that is not valid the answer is 401, with too small a scope 403:

        Reader = Annotated[Principal, scoped("files:read")]
    """
    return Security(_authorized, scopes=list(scopes))


async def _authorized(
    request: Request, needed: SecurityScopes, token: Annotated[str | None, Depends(_bearer)]
) -> Principal:
    if not token:
        raise Unauthorized
    principal = await part(request.app, TokenVerifier).verify(token)
    if not principal.scopes.issuperset(needed.scopes):
        raise InsufficientScope(needed.scope_str)
    return principal
