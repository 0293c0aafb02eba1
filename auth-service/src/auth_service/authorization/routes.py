"""The authorization endpoint (RFC 6749 §3.1): pages for people whom an app has sent here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from auth_service.authorization.schemas import PageForm
from auth_service.authorization.visit import Visit
from auth_service.sessions.device import DeviceDep

router = APIRouter(prefix="/auth", tags=["tokens"])

VisitDep = Annotated[Visit, Depends(Visit)]


@router.get("/authorize", response_class=Response)
async def authorize(request: Request, visit: VisitDep) -> Response:
    """The sign-in page, the consent page, or straight back to the app. PKCE with S256 is required (RFC 7636)."""
    return await visit.arrive(request.url.query)


@router.post("/authorize", response_class=Response, include_in_schema=False)
async def answer(form: Annotated[PageForm, Form()], visit: VisitDep, device: DeviceDep) -> Response:
    visit.require_own_form(form)
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
