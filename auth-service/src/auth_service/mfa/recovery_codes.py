"""Gives recovery codes with an account's first factor, redeems each once, and takes them away with the last factor."""

from uuid import UUID

from auth_service.audit import repository as audit
from auth_service.mfa import repository
from auth_service.mfa.codes import new_recovery_codes, recovery_digest
from strongroom.database import Transaction


async def make(tx: Transaction, account_id: UUID) -> list[str]:
    """New ones, told this once; the old ones are void."""
    codes = new_recovery_codes()
    await repository.replace_recovery_codes(tx, account_id, [recovery_digest(account_id, code) for code in codes])
    return codes


async def make_first(tx: Transaction, account_id: UUID) -> list[str]:
    """None where some are left from an earlier factor. The account is to be locked."""
    if (await repository.factors(tx, account_id)).recovery_codes:
        return []
    return await make(tx, account_id)


async def use(tx: Transaction, account_id: UUID, code: str) -> bool:
    """Whether there was such a code; now there no longer is."""
    if not await repository.use_recovery_code(tx, account_id, recovery_digest(account_id, code)):
        return False
    left = (await repository.factors(tx, account_id)).recovery_codes
    await audit.record(tx, "mfa.recovery_code_used", account_id=account_id, left=left)
    return True


async def remove_idle(tx: Transaction, account_id: UUID) -> None:
    """Those of an account whose last factor was just removed: they stand in for nothing."""
    if not (await repository.factors(tx, account_id)).any:
        await repository.replace_recovery_codes(tx, account_id, ())
