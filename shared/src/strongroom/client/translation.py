"""Says in the words of `errors` why no answer came."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from strongroom.client.errors import TimedOut, UnexpectedAnswer, Unreachable
from strongroom.service_call import OtherOrigin
from strongroom.service_client import CallTimedOut, ServiceUnreachable
from strongroom.token_source import TokenUnavailable


@contextmanager
def translated() -> Iterator[None]:
    """What is raised below, in the words of `errors`."""
    try:
        yield
    except CallTimedOut as error:
        raise TimedOut("No answer came in time") from error
    except ServiceUnreachable as error:
        raise Unreachable("No answer came") from error
    except TokenUnavailable as error:
        raise Unreachable("No access token can be had") from error
    except OtherOrigin as error:
        raise UnexpectedAnswer("An address that is not below Strongroom's own") from error
    except httpx2.TimeoutException as error:
        raise TimedOut("Nothing moved for too long") from error
    except httpx2.RequestError as error:
        raise Unreachable("The connection broke off") from error
