"""Somebody with an account at a browser: it keeps cookies, follows redirects and fills in the forms of our pages."""

import ssl
from html.parser import HTMLParser
from http.cookiejar import Cookie
from urllib.parse import urljoin

import httpx2


class _Form(HTMLParser):
    """What a page's only form asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.steps: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif tag == "input":
            self.fields[found["name"]] = found.get("value", "")
        elif tag == "button" and found.get("name") == "step":
            self.steps.append(found["value"])


class Person:
    def __init__(self, url: str, email: str, password: str, trust: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._known = {"username": email, "password": password}
        self._http = httpx2.Client(timeout=60, trust_env=False, verify=trust or True)

    def __enter__(self) -> "Person":
        return self

    def __exit__(self, *failure: object) -> None:
        self._http.close()

    @property
    def cookies(self) -> list[Cookie]:
        return list(self._http.cookies.jar)

    def follow(self, link: str) -> str:
        """Signs in if asked to, and allows what the app asks for; answers where the app is sent the answer to."""
        answer = self._http.get(link)
        for _ in range(6):
            if answer.status_code == 303:
                target = urljoin(str(answer.url), answer.headers["location"])
                if not target.startswith(f"{self._url}/"):
                    return target
                answer = self._http.get(target)
            else:
                answer = self._fill_in(answer)
        raise AssertionError("redirected in circles")

    def _fill_in(self, answer: httpx2.Response) -> httpx2.Response:
        assert answer.status_code == 200, answer.text
        form = _Form(answer.text)
        wanted = {name: value for name, value in self._known.items() if name in form.fields}
        if not wanted:
            assert "allow" in form.steps, answer.text
            wanted = {"step": "allow"}
        return self._http.post(urljoin(str(answer.url), form.action), data={**form.fields, **wanted})
