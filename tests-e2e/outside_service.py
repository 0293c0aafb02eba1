"""A service of somebody else's that takes Strongroom's tokens: the lines marked with 1, 2 and 3 are all it needs."""

from typing import Annotated

from fastapi import FastAPI

from strongroom import Principal, TokenVerifier
from strongroom.web import protect, scoped


def create_app(strongroom_url: str) -> FastAPI:
    app = FastAPI()
    protect(app, TokenVerifier(strongroom_url))  # 1
    Reader = Annotated[Principal, scoped("files:read")]  # 2  # noqa: N806 - a type

    @app.get("/whoami")
    async def whoami(who: Reader) -> dict[str, str]:  # 3
        return {"subject": who.subject}

    return app
