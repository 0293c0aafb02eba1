"""Tells what an account keeps, and lets administrators set quotas."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Admin, Reader
from file_service.usage.schemas import QuotaChange, UsageOut
from file_service.usage.service import Quotas
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/usage", tags=["usage"])

QuotasDep = Annotated[Quotas, provided(Quotas)]


@router.get("")
async def usage(who: Reader, quotas: QuotasDep) -> UsageOut:
    return UsageOut.of(await quotas.usage(who.id))


@router.get("/{account_id}")
async def usage_of(account_id: UUID, _: Admin, quotas: QuotasDep) -> UsageOut:
    """Administrators only. An account that keeps nothing here is not told from one that does not exist."""
    return UsageOut.of(await quotas.usage(account_id))


@router.put("/{account_id}")
async def set_quota(account_id: UUID, wanted: QuotaChange, admin: Admin, quotas: QuotasDep) -> UsageOut:
    """Administrators only."""
    return UsageOut.of(await quotas.set_quota(account_id, wanted.quota, admin.id))
