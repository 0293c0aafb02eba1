"""Uploads on the wire."""

from pydantic import BaseModel

from file_service.files.schemas import FileOut


class UploadedFiles(BaseModel):
    file_count: int
    files: list[FileOut]
