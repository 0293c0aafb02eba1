"""One person's visit to the authorization endpoint: what their browser brings, and what it is answered."""

from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import ValidationError

from auth_service.authorization.browser import SESSION_COOKIE, Pages
from auth_service.authorization.csrf import Csrf
from auth_service.authorization.errors import BrokenRequest, FormExpired
from auth_service.authorization.rendering import see_other
from auth_service.authorization.request import AuthorizationRequest, checked, return_address
from auth_service.authorization.schemas import LONGEST_REQUEST, PageForm
from auth_service.authorization.service import Authorization, ConsentNeeded, Return, SignInNeeded
from auth_service.authorization.sign_in import CodeNeeded, PageSignIn, Refused, SignedIn
from auth_service.clients.service import Clients
from auth_service.parameters import MalformedParameters, once_each
from auth_service.sessions.browser import BrowserSessions
from auth_service.sessions.cookies import Cookies
from auth_service.sessions.device import Device, mark_device
from strongroom.web.parts import part

_FRESH_PROMPTS = {"login", "select_account"}
_REFUSED = 401


class Visit:
    """Every step checks the app's request anew: nothing that a form carries is believed."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._csrf = part(request.app, Csrf)
        self._clients = part(request.app, Clients)
        self._browsers = part(request.app, BrowserSessions)
        self._authorization = part(request.app, Authorization)
        self._sign_in = part(request.app, PageSignIn)
        self._cookies = part(request.app, Cookies)
        self._session = self._cookies.get(request, SESSION_COOKIE)

    async def posted(self) -> dict[str, str]:
        return _parameters(await self._request.body())

    def start(self, parameters: dict[str, str]) -> Response:
        """To the same request as a link, which our cookies come along with: they do not with another site's form."""
        query = urlencode(parameters)
        if len(query) > LONGEST_REQUEST:
            raise BrokenRequest("What it sent you with is too long")
        return see_other(f"authorize?{query}")

    def own_form(self, fields: dict[str, str]) -> PageForm:
        """Raises FormExpired."""
        try:
            form = PageForm.model_validate(fields)
        except ValidationError as error:
            raise FormExpired from error
        cookie = self._cookies.get(self._request, Csrf.COOKIE)
        if not self._csrf.holds(cookie, form.request, form.csrf):
            raise FormExpired
        return form

    async def arrive(self) -> Response:
        """Raises BrokenRequest and RequestRefused, as all that follow do."""
        sent: bytes = self._request.scope["query_string"]
        query = sent.decode(errors="replace")  # only ASCII is right, and the rest is told so
        asked = await self._asked(query)
        outcome = await self._authorization.proceed(asked, await self._browsers.find(self._session))
        match outcome:
            case SignInNeeded():
                return self._pages(query).sign_in(asked)
            case ConsentNeeded(account, scope):
                return self._pages(query).consent(asked, account, scope)
            case Return(location):
                return see_other(location)

    async def sign_in(self, form: PageForm, device: Device) -> Response:
        asked = await self._asked(form.request)
        pages = self._pages(form.request)
        match await self._sign_in.password(form.username, form.password, device):
            case Refused(trouble):
                return pages.sign_in(asked, username=form.username, trouble=trouble, status=_REFUSED)
            case CodeNeeded(mfa_token):
                return pages.second_factor(asked, mfa_token)
            case SignedIn() as signed_in:
                return await self._signed_in(form, signed_in)

    async def second_factor(self, form: PageForm) -> Response:
        asked = await self._asked(form.request)
        match await self._sign_in.code(form.mfa_token, form.code):
            case CodeNeeded(mfa_token, trouble):
                return self._pages(form.request).second_factor(asked, mfa_token, trouble=trouble, status=_REFUSED)
            case SignedIn() as signed_in:
                return await self._signed_in(form, signed_in)

    async def allow(self, form: PageForm) -> Response:
        asked = await self._asked(form.request)
        browser = await self._browsers.find(self._session)
        outcome = await self._authorization.proceed(asked, browser)
        if browser is None or not isinstance(outcome, ConsentNeeded):
            return self._again(form.request)
        return see_other((await self._authorization.allow(asked, browser)).location)

    async def deny(self, form: PageForm) -> Response:
        raise self._authorization.denied(await self._asked(form.request))

    async def sign_out(self, form: PageForm) -> Response:
        if self._session:
            await self._browsers.close(self._session)
        response = self._again(form.request)
        self._pages(form.request).forget(response)
        return response

    async def _asked(self, query: str) -> AuthorizationRequest:
        if not query.isascii() or len(query) > LONGEST_REQUEST:
            raise BrokenRequest("What it sent you with is too long, or no query string")
        parameters = _parameters(query.encode())
        return checked(parameters, await return_address(parameters, self._clients))

    async def _signed_in(self, form: PageForm, signed_in: SignedIn) -> Response:
        if self._session:
            await self._browsers.close(self._session)
        response = self._again(form.request, fresh=True)
        pages = self._pages(form.request)
        pages.remember(response, signed_in.browser)
        if signed_in.device:
            mark_device(self._request, response, signed_in.device)
        return response

    def _again(self, query: str, *, fresh: bool = False) -> Response:
        """Back to the same request, without what a `fresh` sign-in has just answered."""
        parameters = _parameters(query.encode())
        if fresh:
            parameters.pop("max_age", None)
            left = [one for one in parameters.pop("prompt", "").split() if one not in _FRESH_PROMPTS]
            parameters |= {"prompt": " ".join(left)} if left else {}
        return self.start(parameters)

    def _pages(self, query: str) -> Pages:
        return Pages(self._request, self._csrf, query)


def _parameters(encoded: bytes) -> dict[str, str]:
    try:
        return once_each(encoded)
    except MalformedParameters as error:
        raise BrokenRequest(error.detail) from error
