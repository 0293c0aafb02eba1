"""The style sheet of the pages."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

router = APIRouter(include_in_schema=False)

_STYLE = Path(__file__).parent / "assets" / "style.css"


@router.get("/auth/assets/style.css")
async def style() -> FileResponse:
    return FileResponse(_STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})
