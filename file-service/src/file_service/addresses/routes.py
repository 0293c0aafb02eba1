"""Gives out addresses of files, and answers at them. They are below `/s/`, of which nothing is logged."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from file_service.addresses.schemas import AddressOut, AddressTerms
from file_service.addresses.service import Addresses
from file_service.downloads.download_request import DownloadRequest
from file_service.downloads.schemas import GET_PARAMETERS, GET_RESPONSES, HEAD_PARAMETERS, HEAD_RESPONSES
from file_service.links.page_route import PageRoute
from strongroom import Principal
from strongroom.web.bearer import scoped
from strongroom.web.documented import refusals
from strongroom.web.parts import provided
from strongroom.web.public_address import OurAddress

router = APIRouter(tags=["downloads"])
public = APIRouter(prefix="/s/d", tags=["downloads"], route_class=PageRoute)

AddressesDep = Annotated[Addresses, provided(Addresses)]
Reading = Annotated[Principal, scoped("files:read")]


async def _wanted(request: Request) -> DownloadRequest:
    return DownloadRequest.of(request.method, request.headers, inline=False)  # the address says it


Wanted = Annotated[DownloadRequest, Depends(_wanted)]
_PAGES = refusals({"text/html": {"schema": {"type": "string"}}})


@router.post("/files/{file_id}/download-url", status_code=201)
async def give(
    file_id: UUID,
    who: Reading,
    addresses: AddressesDep,
    our_address: OurAddress,
    response: Response,
    terms: AddressTerms | None = None,
) -> AddressOut:
    """An address for a browser's own downloads and its players, which send no token.

    It is good until it expires, the session or the token that asked for it is ended, or the file is in the trash.
    """
    response.headers["Cache-Control"] = "no-store"
    address = await addresses.give(who, file_id, (terms or AddressTerms()).wanted())
    return AddressOut.of(address, our_address)


@public.get("/{sealed}", response_class=Response, responses={**GET_RESPONSES, **_PAGES}, openapi_extra=GET_PARAMETERS)
async def download(sealed: str, addresses: AddressesDep, wanted: Wanted) -> Response:
    """The bytes of the version that the address was made for, or parts of them."""
    return await addresses.answer(sealed, wanted)


@public.head(
    "/{sealed}", response_class=Response, responses={**HEAD_RESPONSES, **_PAGES}, openapi_extra=HEAD_PARAMETERS
)
async def describe_download(sealed: str, addresses: AddressesDep, wanted: Wanted) -> Response:
    """The headers that a GET has, and not one byte read."""
    return await addresses.answer(sealed, wanted)
