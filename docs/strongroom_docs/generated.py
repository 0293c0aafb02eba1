"""Names the pages that are made of the code at each build, and are not kept in the repository."""

from pathlib import Path

from strongroom_docs.api_pages import api_pages
from strongroom_docs.command_line import command_line_page
from strongroom_docs.errors import errors_page
from strongroom_docs.events import events_page
from strongroom_docs.python_pages import python_pages
from strongroom_docs.services import specification
from strongroom_docs.settings import settings_page

GENERATED = Path("reference/generated")


def pages() -> dict[str, str]:
    """The Markdown of each by its name."""
    return {
        **api_pages(specification()),
        "events": events_page(),
        "errors": errors_page(),
        "settings": settings_page(),
        **python_pages(),
        "command-line": command_line_page(),
    }
