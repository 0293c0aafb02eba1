"""How dealing with files can fail."""

from strongroom.errors import AppError, Conflict, NotFound, Unprocessable


class FileNotFound(NotFound):
    """Also raised for someone else's file, so that ids cannot be probed."""

    slug = "file-not-found"
    title = "There is no such file"


class VersionNotFound(NotFound):
    slug = "version-not-found"
    title = "The file has no such version"


class InvalidPath(Unprocessable):
    slug = "invalid-path"
    title = "A file cannot have this name"


class PathTaken(Conflict):
    slug = "path-taken"
    title = "There is already a file at this path"


class PreconditionFailed(AppError):
    """RFC 9110 §15.5.13: the file is not, or no longer, what `If-Match` or `If-None-Match` wants it to be."""

    status = 412
    slug = "precondition-failed"
    title = "The file is not what the request expects it to be"


class FolderAndPrefix(Unprocessable):
    slug = "folder-and-prefix"
    title = "A list is of one folder, by `folder`, or of all that begins alike, by `prefix`; not of both"


class NothingToRank(Unprocessable):
    slug = "nothing-to-rank"
    title = "Files are sorted by relevance only where `q` says what is looked for"
