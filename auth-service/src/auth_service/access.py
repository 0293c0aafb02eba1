"""The words that routes name their caller with."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from strongroom import Principal
from strongroom.errors import Forbidden
from strongroom.web.bearer import scoped


class NotAPerson(Forbidden):
    """The token speaks for a program, or for something that has no account here."""

    slug = "not-a-person"
    title = "This is for people who are signed in, not for programs"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, and the session that they are in, of which client."""

    account_id: UUID
    session_id: str
    client_id: str | None
    scopes: frozenset[str]


def _signed_in(who: Principal) -> SignedIn:
    # Every token of a person belongs to a session; what a program gets for its own credentials does not.
    if who.session_id is None:
        raise NotAPerson
    try:
        return SignedIn(UUID(who.subject), who.session_id, who.client_id, who.scopes)
    except ValueError as error:
        raise NotAPerson from error


async def _anyone(who: Annotated[Principal, scoped()]) -> SignedIn:
    return _signed_in(who)


async def _person(who: Annotated[Principal, scoped("account")]) -> SignedIn:
    return _signed_in(who)


async def _openid(who: Annotated[Principal, scoped("openid")]) -> SignedIn:
    return _signed_in(who)


async def _admin(who: Annotated[Principal, scoped("admin")]) -> UUID:
    return UUID(who.subject)


# Whoever has a token of a person may see whose it is; changing anything takes the scope `account`.
Anyone = Annotated[SignedIn, Depends(_anyone)]
Person = Annotated[SignedIn, Depends(_person)]
OpenId = Annotated[SignedIn, Depends(_openid)]
# Who acts, for the audit trail: an administrator, or a service account that has the scope.
Admin = Annotated[UUID, Depends(_admin)]
# The same, where it matters in which session.
Administrator = Annotated[Principal, scoped("admin")]
