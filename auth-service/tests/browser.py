"""A person's browser, as far as our pages need one: it keeps cookies, follows redirects and fills in forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import Cookie
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from auth_client import PASSWORD


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What one answer shows. `answer` is as it came; `forms`, `tags` and `text` are read out of its HTML."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__()
        self.answer = answer
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("method", "get")))
        elif tag == "input":
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag == "button":
            self.forms[-1].buttons.append((found.get("name", ""), found.get("value", "")))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def fields(self) -> dict[str, str]:
        return self.forms[0].fields if self.forms else {}

    @property
    def asks_for_password(self) -> bool:
        return "password" in self.fields

    @property
    def asks_for_consent(self) -> bool:
        return bool(self.forms) and ("step", "allow") in self.forms[0].buttons

    @property
    def left_to(self) -> str:
        """Where the browser was sent, away from us."""
        assert self.answer.status_code == 303, self.answer.text
        return str(self.answer.headers["location"])

    @property
    def told(self) -> dict[str, str]:
        """What the app is told by the address that the person comes back to it with."""
        found = parse_qs(urlsplit(self.left_to).query, keep_blank_values=True, strict_parsing=True)
        assert all(len(values) == 1 for values in found.values()), found
        return {name: values[0] for name, values in found.items()}


class Browser:
    """`http` is its own, for the cookies."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def arrive(self, link: str) -> Page:
        """Follows a link on an app's own site: strict cookies stay behind (RFC 6265bis §5.2)."""
        jar = self.http.cookies.jar
        strict = [one for one in jar if _same_site(one) == "strict"]
        for cookie in strict:
            jar.clear(cookie.domain, cookie.path, cookie.name)
        answer = await self.http.get(link)
        for cookie in strict:
            jar.set_cookie(cookie)
        return await self._at_rest(answer)

    async def submit(self, page: Page, **fields: str) -> Page:
        form = page.forms[0]
        assert form.method == "post"
        target = urljoin(str(page.answer.url), form.action)
        return await self._at_rest(await self.http.post(target, data={**form.fields, **fields}))

    async def sign_in(self, page: Page, username: str = "ada@example.com", password: str = PASSWORD) -> Page:
        return await self.submit(page, username=username, password=password)

    async def allow(self, page: Page) -> Page:
        assert page.asks_for_consent, page.answer.text
        return await self.submit(page, step="allow")

    async def _at_rest(self, answer: httpx2.Response) -> Page:
        """The page in the end, or the redirect by which the person leaves us."""
        for _ in range(5):
            if answer.status_code != 303:
                return Page(answer)
            target = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(target)[:2] != urlsplit(str(answer.url))[:2]:
                return Page(answer)
            answer = await self.http.get(target)
        raise AssertionError("redirected in circles")


def _same_site(cookie: Cookie) -> str:
    for name in ("SameSite", "samesite"):
        value = cookie.get_nonstandard_attr(name)
        if value:
            return value.lower()
    return "lax"
