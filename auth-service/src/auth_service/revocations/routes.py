"""The public feed that verifiers follow."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from auth_service.revocations.schemas import FeedPage
from auth_service.revocations.service import Page, Position, Revocations
from strongroom.web.parts import provided
from strongroom.web.waiting import while_wanted

router = APIRouter(prefix="/auth", tags=["discovery"])

RevocationsDep = Annotated[Revocations, provided(Revocations)]
After = Annotated[int, Query(ge=0, lt=2**63, description="`next` of the answer before; 0 for everything")]
Mark = Annotated[str | None, Query(max_length=40, description="`mark` of the answer before")]
Wait = Annotated[float, Query(ge=0, le=30, description="Seconds to wait where there is nothing yet")]


@router.get("/revocations")
async def feed(
    request: Request,
    response: Response,
    revocations: RevocationsDep,
    after: After = 0,
    mark: Mark = None,
    wait: Wait = 25,
) -> FeedPage:
    """What verifiers must refuse although it has not expired, in the order it was revoked."""
    response.headers["Cache-Control"] = "no-store"
    position = Position(after, mark)
    page = await while_wanted(request, revocations.after(position, wait))
    return FeedPage.of(page or Page((), next=position, more=False))
