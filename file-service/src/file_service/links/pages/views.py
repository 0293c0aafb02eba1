"""What the pages of share links say."""

from datetime import datetime
from http import HTTPStatus

from fastapi.responses import HTMLResponse

from file_service.links.pages.rendering import render
from strongroom.errors import AppError

# RFC 9110 §15.5.2 wants a challenge with a 401. Browsers know no such scheme, so they show the page; at `Basic` they
# would open a window of their own in front of it.
_FORM_CHALLENGE = 'Strongroom-Form realm="Strongroom share link"'
_ASKING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}
# They would turn the rest of a name around, so that `exe.pdf` could be a program.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}")
_STEP = 1000
_UNITS = ("kB", "MB", "GB", "TB")


def offer(name: str, size: int, *, files: int | None, until: datetime | None) -> HTMLResponse:
    """`files` is None for a file, and how many there are for a folder."""
    return render(
        "offer.html",
        title=name.translate(_DIRECTIONS),
        size=readable_size(size),
        files=files,
        until=None if until is None else f"{until:%d %B %Y, %H:%M} UTC".lstrip("0"),
    )


def password() -> HTMLResponse:
    """Tells neither name nor size: they may be as confidential as the rest."""
    return _password(None, 200, {})


def refusal(error: AppError) -> HTMLResponse:
    """What a problem document tells programs. Where a password may help, it is asked for again."""
    headers = error.headers
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers = {**headers, "WWW-Authenticate": _FORM_CHALLENGE}
    if error.status in _ASKING:
        return _password(error.detail or error.title, error.status, headers)
    text = error.detail or "It was revoked, has expired or was used up, or it is not complete."
    text = f"{text.removesuffix('.')}. Ask whoever gave it to you."
    return render("refusal.html", status=error.status, headers=headers, title=error.title, text=text)


def readable_size(size: int) -> str:
    """In units of a thousand, as file managers show it."""
    if size < _STEP:
        return "1 byte" if size == 1 else f"{size} bytes"
    amount, power = size / _STEP, 0
    while amount >= _STEP - 0.5 and power < len(_UNITS) - 1:
        amount, power = amount / _STEP, power + 1
    return f"{amount:.1f} {_UNITS[power]}" if amount < 10 else f"{amount:.0f} {_UNITS[power]}"


def _password(trouble: str | None, status: int, headers: dict[str, str]) -> HTMLResponse:
    title = "This download has a password"
    return render("password.html", status=status, headers=headers, title=title, trouble=trouble)
