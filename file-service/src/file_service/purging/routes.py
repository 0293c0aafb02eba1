"""Lets the auth service have an account's files removed. Not for clients: the gateway leads nobody here."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Purger
from file_service.purging.service import Purging
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/internal", include_in_schema=False)

PurgingDep = Annotated[Purging, provided(Purging)]


@router.delete("/owners/{subject}", status_code=204)
async def purge(subject: UUID, _: Purger, purging: PurgingDep) -> None:
    """204 once nothing is left, also of whoever never had anything. It may take as long as there is something."""
    await purging.purge(subject)
