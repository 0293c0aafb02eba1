"""Refuses people with a page, and programs with a problem document."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from file_service.archive.errors import TooManyFiles
from file_service.links.errors import DeadLink, PasswordNeeded, PasswordThrottled
from file_service.links.pages import views
from file_service.links.preference import prefers_page
from file_service.links.responses import Confidential
from strongroom.web.problems import render


class PageRoute(APIRoute):
    """What is no refusal of a link's, like a store that does not answer, is left to the handlers of all services."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handling(request: Request) -> Response:
            try:
                response = await handler(request)
            except (DeadLink, PasswordNeeded, PasswordThrottled, TooManyFiles) as error:
                response = (views.refusal if is_person(request) else render)(error)
            return Confidential(response)

        return handling


def is_person(request: Request) -> bool:
    """Who sends the form of the page has the page before them."""
    return request.method == "POST" or prefers_page(request.headers.get("accept"))
