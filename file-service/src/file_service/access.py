"""The words that routes name their caller with."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from strongroom import Principal
from strongroom.errors import Forbidden
from strongroom.web.bearer import scoped


class NoOwner(Forbidden):
    """The token speaks for something that cannot own files."""

    slug = "no-owner"
    title = "This token does not speak for an account"


class NoService(Forbidden):
    """The token speaks for a person, whatever scope their roles were given."""

    slug = "no-service"
    title = "Only a service may do this"


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks: the owner of what they upload."""

    id: UUID
    roles: frozenset[str]


async def _reader(who: Annotated[Principal, scoped("files:read")]) -> Account:
    return account_of(who)


async def _writer(who: Annotated[Principal, scoped("files:write")]) -> Account:
    return account_of(who)


async def _admin(who: Annotated[Principal, scoped("admin")]) -> Account:
    return account_of(who)


async def _purger(who: Annotated[Principal, scoped("files:purge")]) -> None:
    if who.session_id is not None:
        raise NoService


def account_of(who: Principal) -> Account:
    try:
        return Account(UUID(who.subject), who.roles)
    except ValueError as error:
        raise NoOwner from error


Reader = Annotated[Account, Depends(_reader)]
Writer = Annotated[Account, Depends(_writer)]
Admin = Annotated[Account, Depends(_admin)]
Purger = Annotated[None, Depends(_purger)]
