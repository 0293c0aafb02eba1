"""Administrators register apps and service accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from auth_service.access import Admin
from auth_service.clients.schemas import ClientOut, ClientRegistration, NewClient, NewSecret
from auth_service.clients.service import Clients
from strongroom.web.pages import Cursor, Limit, Page, decode_uuid_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth/clients", tags=["clients"])

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}

ClientsDep = Annotated[Clients, provided(Clients)]


@router.get("")
async def listed(_: Admin, clients: ClientsDep, limit: Limit = 50, cursor: Cursor = None) -> Page[ClientOut]:
    rows = await clients.listed(after=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=ClientOut.of, cursor=lambda client: encode_cursor(str(client.id)))


@router.post("", status_code=201)
async def register(wanted: ClientRegistration, admin: Admin, clients: ClientsDep, response: Response) -> NewClient:
    """A service account uses its credentials for itself; with `redirect_uris` it is an app that people sign in to."""
    client, secret = await clients.register(
        wanted.name, wanted.scopes, wanted.redirect_uris, public=wanted.public, actor=admin
    )
    response.headers.update(NO_STORE)
    return NewClient.with_secret(client, secret)


@router.delete("/{client_id}", status_code=204)
async def remove(client_id: UUID, admin: Admin, clients: ClientsDep) -> None:
    await clients.remove(client_id, admin)


@router.post("/{client_id}/secret")
async def renew_secret(client_id: UUID, admin: Admin, clients: ClientsDep, response: Response) -> NewSecret:
    """The old secret is void at once, with the tokens that were given for it."""
    response.headers.update(NO_STORE)
    secret = await clients.renew_secret(client_id, admin)
    return NewSecret(client_id=str(client_id), client_secret=secret)
