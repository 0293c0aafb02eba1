"""Jobs, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from file_service.access import Admin
from file_service.jobs.errors import JobNotFound
from file_service.jobs.schemas import JobOut, State
from strongroom.database.job_list import JobList
from strongroom.web.pages import Cursor, InvalidCursor, Limit, Page, decode_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/jobs", tags=["administration"])

Jobs = Annotated[JobList, provided(JobList)]


@router.get("")
async def listing(
    _: Admin,
    jobs: Jobs,
    state: Annotated[State | None, Query(description="Left out: all of them")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobOut]:
    """What is not done yet, or was given up, the newest first. Those given up are kept for 30 days."""
    rows = await jobs.listed(state=state, before=_before(cursor), limit=limit + 1)
    return page(rows, limit, show=JobOut.of, cursor=lambda job: encode_cursor(str(job.id)))


@router.post("/{job_id}/retry", status_code=204)
async def retry(job_id: Annotated[int, Path(ge=1, lt=2**63)], _: Admin, jobs: Jobs) -> None:
    """A job that was given up is tried again, as if it were new."""
    if not await jobs.retry(job_id):
        raise JobNotFound


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (position,) = decode_cursor(cursor, length=1)
    if not position.isdecimal() or not 0 < int(position) < 2**63:
        raise InvalidCursor
    return int(position)
