"""What can go wrong between the gateway and its clients or the services that it asked."""

from strongroom.errors import AppError, Forbidden


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


class HeadTooLarge(AppError):
    """RFC 6585 §5."""

    status = 431
    slug = "head-too-large"
    title = "The head of the request is larger than allowed"


class TargetTooLong(AppError):
    """RFC 9110 §15.5.15."""

    status = 414
    slug = "target-too-long"
    title = "The address that is asked for is longer than allowed"


class ForeignOrigin(Forbidden):
    """RFC 6455 §10.2: a WebSocket is not held back by what a browser otherwise keeps pages of other origins from."""

    slug = "foreign-origin"
    title = "Pages of this origin may not listen here"


class RequestTimeout(AppError):
    status = 408
    slug = "request-timeout"
    title = "The request did not arrive in time"
