"""How dealing with webhooks can fail."""

from strongroom.errors import Conflict, NotFound, Unprocessable


class WebhookNotFound(NotFound):
    """Also raised for someone else's webhook."""

    slug = "webhook-not-found"
    title = "There is no such webhook"


class DeliveryNotFound(NotFound):
    slug = "delivery-not-found"
    title = "There is no such delivery, or no longer"


class TooManyWebhooks(Conflict):
    slug = "too-many-webhooks"
    title = "This account has as many webhooks as it may"


class WebhookDisabled(Conflict):
    slug = "webhook-disabled"
    title = "This webhook is disabled; enable it first"


class StillEnding(Conflict):
    """As it was disabled, very much was still to be sent."""

    slug = "webhook-still-ending"
    title = "What this webhook was still to send is being ended; try again in a moment"


class TestUnderWay(Conflict):
    """Of each webhook one at a time, so that nobody fills the log with them."""

    __test__ = False  # for pytest
    slug = "webhook-test-under-way"
    title = "A test of this webhook is still on its way"


class UrlRefused(Unprocessable):
    slug = "webhook-url-refused"
    title = "This is not a URL that webhooks can be sent to"


class AddressRefused(Unprocessable):
    """The same for every address, so that nobody learns what there is inside."""

    slug = "webhook-address-refused"
    title = "Webhooks are sent to public addresses only"
