"""The words that routes name their caller with."""

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


async def _reader(who: Annotated[Principal, scoped("files:read")]) -> UUID:
    return _owner(who)


async def _writer(who: Annotated[Principal, scoped("files:write")]) -> UUID:
    return _owner(who)


def _owner(who: Principal) -> UUID:
    try:
        return UUID(who.subject)
    except ValueError as error:
        raise NoOwner from error


Reader = Annotated[UUID, Depends(_reader)]
Writer = Annotated[UUID, Depends(_writer)]
