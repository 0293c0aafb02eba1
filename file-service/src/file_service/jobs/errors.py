"""What an administrator can ask for in vain."""

from strongroom.errors import NotFound


class JobNotFound(NotFound):
    slug = "job-not-found"
    title = "No job with this id was given up"
