"""The signed-in person's sessions: seeing them, and signing out of one or all."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from auth_service.access import Person
from auth_service.sessions.console import signed_out
from auth_service.sessions.schemas import SessionOut
from auth_service.sessions.service import Sessions
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth/sessions", tags=["sessions"])

SessionsDep = Annotated[Sessions, provided(Sessions)]


@router.get("")
async def sessions(who: Person, sessions: SessionsDep) -> list[SessionOut]:
    """The open ones, the one used last first."""
    return [SessionOut.of(one, current=who.session_id) for one in await sessions.listed(who.account_id)]


@router.delete("/{session_id}", status_code=204)
async def end(session_id: UUID, who: Person, sessions: SessionsDep, request: Request, response: Response) -> None:
    """Every service refuses its tokens from now on. Ending the current one is signing out."""
    await sessions.end(who.account_id, session_id)
    if str(session_id) == who.session_id:
        signed_out(request, response, who)


@router.delete("", status_code=204)
async def end_all(who: Person, sessions: SessionsDep, request: Request, response: Response) -> None:
    """Signs out everywhere, here too."""
    await sessions.end_all(who.account_id)
    signed_out(request, response, who)
