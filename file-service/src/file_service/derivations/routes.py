"""Tells how much of what is stored was derived from an account's files."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Admin, Reader
from file_service.derivations.readings import Readings
from file_service.derivations.schemas import DerivedUsageOut
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/usage", tags=["usage"])

ReadingsDep = Annotated[Readings, provided(Readings)]


@router.get("/derived")
async def usage(who: Reader, readings: ReadingsDep) -> DerivedUsageOut:
    """Thumbnails, tables and what else was made of your files. No quota counts it."""
    return DerivedUsageOut.of(await readings.total(who.id))


@router.get("/{account_id}/derived")
async def usage_of(account_id: UUID, _: Admin, readings: ReadingsDep) -> DerivedUsageOut:
    """Administrators only."""
    return DerivedUsageOut.of(await readings.total(account_id))
