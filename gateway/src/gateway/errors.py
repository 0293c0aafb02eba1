"""What can go wrong between the gateway and the service that it asked."""

from strongroom.errors import AppError


class UpstreamError(AppError):
    """The service gave no usable answer. Raised before the head of an answer, or out of its body."""


class UpstreamUnreachable(UpstreamError):
    """Nothing was sent, so the same request may be tried again whatever its method."""

    status = 502
    slug = "upstream-unreachable"
    title = "The service behind this address cannot be reached"


class UpstreamFailed(UpstreamError):
    """The connection broke, or what came was not HTTP. The request may or may not have been carried out."""

    status = 502
    slug = "upstream-failed"
    title = "The service behind this address gave no proper answer"


class UpstreamTimeout(UpstreamError):
    status = 504
    slug = "upstream-timeout"
    title = "The service behind this address did not answer in time"
