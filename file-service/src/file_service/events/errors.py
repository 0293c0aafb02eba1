"""How listening to events can fail."""

from strongroom.errors import AppError, TooManyRequests, Unprocessable


class NoSuchFilter(Unprocessable):
    slug = "no-such-filter"
    title = "Events cannot be chosen like this"


class EventsGone(AppError):
    """RFC 9110 §15.5.11: what came behind that event is not kept any more, or there never was such an event."""

    status = 410
    slug = "events-gone"
    title = "Not all that has happened since then is known any more; list the files anew"


class TooManyListeners(TooManyRequests):
    slug = "too-many-listeners"
    title = "Too many are listening already"
