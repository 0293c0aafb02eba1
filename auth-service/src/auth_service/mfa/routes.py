"""The signed-in person's second factors, and the beginnings of a sign-in with a passkey."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from auth_service.access import Person, SignedIn
from auth_service.accounts.repository import Account
from auth_service.accounts.service import Accounts
from auth_service.mfa.codes import otpauth_uri
from auth_service.mfa.enrolment import Enrolment
from auth_service.mfa.passkeys import Passkeys
from auth_service.mfa.schemas import (
    AddedPasskey,
    Confirmation,
    FactorsOut,
    MfaToken,
    NewPasskey,
    PasskeyOut,
    PasskeyRequest,
    RecoveryCodes,
    TotpCode,
    TotpSetup,
)
from auth_service.mfa.service import SecondFactors
from strongroom.web.parts import provided


async def _told_once(response: Response) -> None:
    """Secrets and challenges stay in no cache."""
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/auth/mfa", tags=["second factors"], dependencies=[Depends(_told_once)])

AccountsDep = Annotated[Accounts, provided(Accounts)]
EnrolmentDep = Annotated[Enrolment, provided(Enrolment)]
PasskeysDep = Annotated[Passkeys, provided(Passkeys)]
SecondFactorsDep = Annotated[SecondFactors, provided(SecondFactors)]


async def _confirmed(accounts: Accounts, who: SignedIn, confirmation: Confirmation) -> Account:
    return await accounts.confirm_password(who.account_id, confirmation.current_password.get_secret_value())


@router.get("")
async def factors(who: Person, enrolment: EnrolmentDep) -> FactorsOut:
    return FactorsOut.of(await enrolment.factors(who.account_id))


@router.post("/totp", status_code=201)
async def start_totp(
    confirmation: Confirmation, who: Person, accounts: AccountsDep, enrolment: EnrolmentDep
) -> TotpSetup:
    """A secret for an authenticator app (RFC 6238); it counts once a code is confirmed."""
    account = await _confirmed(accounts, who, confirmation)
    secret = await enrolment.start_totp(account)
    return TotpSetup(secret=secret, otpauth_uri=otpauth_uri(secret, account.email))


@router.post("/totp/confirm")
async def confirm_totp(wanted: TotpCode, who: Person, enrolment: EnrolmentDep) -> RecoveryCodes:
    return RecoveryCodes(recovery_codes=await enrolment.confirm_totp(who.account_id, "".join(wanted.code.split())))


@router.delete("/totp", status_code=204)
async def remove_totp(confirmation: Confirmation, who: Person, accounts: AccountsDep, enrolment: EnrolmentDep) -> None:
    await enrolment.remove_totp(await _confirmed(accounts, who, confirmation))


@router.post("/recovery-codes")
async def renew_recovery_codes(
    confirmation: Confirmation, who: Person, accounts: AccountsDep, enrolment: EnrolmentDep
) -> RecoveryCodes:
    """The old ones are void."""
    account = await _confirmed(accounts, who, confirmation)
    return RecoveryCodes(recovery_codes=await enrolment.renew_recovery_codes(account))


@router.get("/passkeys")
async def listed(who: Person, passkeys: PasskeysDep) -> list[PasskeyOut]:
    return [PasskeyOut.of(one) for one in await passkeys.listed(who.account_id)]


@router.post("/passkeys/options")
async def begin_adding(
    confirmation: Confirmation, who: Person, accounts: AccountsDep, passkeys: PasskeysDep
) -> dict[str, Any]:
    """For `navigator.credentials.create`, good for five minutes."""
    return await passkeys.begin_adding(await _confirmed(accounts, who, confirmation))


@router.post("/passkeys", status_code=201)
async def add(wanted: NewPasskey, who: Person, passkeys: PasskeysDep) -> AddedPasskey:
    passkey, codes = await passkeys.add(who.account_id, wanted.name, wanted.credential)
    return AddedPasskey(**PasskeyOut.of(passkey).model_dump(), recovery_codes=codes)


@router.delete("/passkeys/{passkey_id}", status_code=204)
async def remove(
    passkey_id: UUID, confirmation: Confirmation, who: Person, accounts: AccountsDep, passkeys: PasskeysDep
) -> None:
    await passkeys.remove(await _confirmed(accounts, who, confirmation), passkey_id)


@router.post("/passkeys/authenticate/options")
async def begin_sign_in(second_factors: SecondFactorsDep) -> PasskeyRequest:
    """The beginning of a sign-in with a passkey alone; the answer goes to the token endpoint."""
    token, options = await second_factors.begin_passkey_sign_in()
    return PasskeyRequest(passkey_token=token, options=options)


@router.post("/passkeys/challenge")
async def second_factor_options(wanted: MfaToken, second_factors: SecondFactorsDep) -> dict[str, Any]:
    """Options for a passkey as the second factor of a sign-in that was answered `mfa_required`."""
    return await second_factors.options(wanted.mfa_token)
