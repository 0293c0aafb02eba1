"""The authorization endpoint (RFC 6749 §3.1): pages for people whom an app has sent here."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from auth_service.authorization.visit import Visit
from auth_service.sessions.device import DeviceDep
from strongroom.web.documented import refusals

router = APIRouter(prefix="/auth", tags=["tokens"])

VisitDep = Annotated[Visit, Depends(Visit)]


_PAGE: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page for the person", "content": _PAGE},
    303: {"description": "Back to the app, with a code or an error"},
    **refusals(_PAGE),
}


@router.get("/authorize", response_class=Response, responses=_RESPONSES)
async def authorize(visit: VisitDep) -> Response:
    """The sign-in page, the consent page, or straight back to the app. PKCE with S256 is required (RFC 7636)."""
    return await visit.arrive()


@router.post("/authorize", response_class=Response, include_in_schema=False)
async def answer(visit: VisitDep, device: DeviceDep) -> Response:
    """What our pages send. An app may send its request by POST too (OpenID Connect Core §3.1.2.1)."""
    fields = await visit.posted()
    if "step" not in fields:
        return visit.start(fields)
    form = visit.own_form(fields)
    match form.step:
        case "sign-in":
            return await visit.sign_in(form, device)
        case "second-factor":
            return await visit.second_factor(form)
        case "allow":
            return await visit.allow(form)
        case "deny":
            return await visit.deny(form)
        case "sign-out":
            return await visit.sign_out(form)
