"""What share links point at: a page for people, bytes for programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from file_service.conditions import ReadConditions
from file_service.downloads.download_request import DownloadRequest
from file_service.downloads.schemas import GET_PARAMETERS, GET_RESPONSES, HEAD_PARAMETERS, HEAD_RESPONSES
from file_service.links.answers import LinkAnswers
from file_service.links.credentials import basic_password
from file_service.links.page_route import PageRoute, is_person
from file_service.links.pages import views
from file_service.links.visits import Shared, Visitor
from strongroom.web.documented import refusals
from strongroom.web.parts import provided

router = APIRouter(prefix="/s", tags=["links"], route_class=PageRoute)

AnswersDep = Annotated[LinkAnswers, provided(LinkAnswers)]
Download = Annotated[bool, Query(description="The bytes, also for a browser")]


async def _visitor(request: Request) -> Visitor:
    return Visitor(basic_password(request.headers.get("authorization")), _address(request))


async def _wanted(request: Request) -> DownloadRequest:
    """Never to be shown in the browser: it would be under our address."""
    return DownloadRequest.of(request.method, request.headers, inline=False)


VisitorDep = Annotated[Visitor, Depends(_visitor)]
Wanted = Annotated[DownloadRequest, Depends(_wanted)]

_PAGES = refusals({"text/html": {"schema": {"type": "string"}}})


@router.get("/{token}", response_class=Response, responses={**GET_RESPONSES, **_PAGES}, openapi_extra=GET_PARAMETERS)
async def visit(
    token: str,
    request: Request,
    visitor: VisitorDep,
    answers: AnswersDep,
    wanted: Wanted,
    download: Download = False,
) -> Response:
    """Bytes; or where `Accept` prefers `text/html`, a page to download them from. A password goes by HTTP Basic."""
    if is_person(request) and not download:
        return _page(await answers.look(token))
    return await answers.answer(token, visitor, wanted)


@router.head("/{token}", response_class=Response, responses={**HEAD_RESPONSES, **_PAGES}, openapi_extra=HEAD_PARAMETERS)
async def describe_visit(
    token: str,
    request: Request,
    visitor: VisitorDep,
    answers: AnswersDep,
    wanted: Wanted,
    download: Download = False,
) -> Response:
    """The headers that a GET has. Counts for nothing."""
    return await visit(token, request, visitor, answers, wanted, download)


@router.post("/{token}", response_class=Response, responses={200: GET_RESPONSES[200], **_PAGES})
async def visit_with_password(
    token: str, request: Request, answers: AnswersDep, password: Annotated[str, Form()] = ""
) -> Response:
    """What the form of the page sends: the bytes, or the page again with the reason why not."""
    whole = DownloadRequest("GET", ReadConditions(), None, inline=False)
    return await answers.answer(token, Visitor(password, _address(request)), whole)


def _page(shared: Shared) -> Response:
    if shared.link.password_hash is not None:
        return views.password()
    return views.offer(shared.name, shared.size, files=shared.files, until=shared.link.expires_at)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
