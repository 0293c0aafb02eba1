"""The style sheet of the pages."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from strongroom.web.html import STYLE

router = APIRouter(include_in_schema=False)


@router.get("/auth/assets/style.css")
async def style() -> FileResponse:
    return FileResponse(STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})
