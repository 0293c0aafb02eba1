"""Events as they happen, with those that were missed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response, WebSocket

from file_service.events.audience import Audience
from file_service.events.event_stream import EventStream
from file_service.events.listening import Request
from file_service.events.wanted import Wanted
from file_service.events.web_socket import serve, token_of
from strongroom import Principal, TokenVerifier
from strongroom.errors import InsufficientScope, Unauthorized
from strongroom.web.bearer import scoped
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["events"])

AudienceDep = Annotated[Audience, provided(Audience)]
VerifierDep = Annotated[TokenVerifier, provided(TokenVerifier)]
Listening = Annotated[Principal, scoped("files:read")]
_SCOPE = "files:read"
_LAST = 2**63 - 1
# A heartbeat is an `id` alone, and the last one says by `event: stream.closed` why it ends.
_EACH = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "event": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "object"}},
    },
}


async def _wanted(
    type: Annotated[list[str], Query(description="Like `file.created`, or `file.*`; left out, all")] = [],  # noqa: A002, B006
    prefix: Annotated[str, Query(max_length=1024, description="Of paths; what was moved away from there too")] = "",
) -> Wanted:
    return Wanted(type, prefix)


WantedDep = Annotated[Wanted, Depends(_wanted)]
After = Annotated[int | None, Query(ge=0, le=_LAST, description="The last event that the client has")]
LastEventId = Annotated[int | None, Header(ge=0, le=_LAST)]


@router.get(
    "/events",
    status_code=200,
    response_class=EventStream,
    responses={200: {"content": {"text/event-stream": {"itemSchema": _EACH}}}},
)
async def stream(
    who: Listening, audience: AudienceDep, wanted: WantedDep, after: After = None, last_event_id: LastEventId = None
) -> Response:
    """As `text/event-stream`; to a WebSocket handshake, as messages. Each is `{id, type, time, data}`.

    With `after` or `Last-Event-ID` exactly what was missed comes first; 410 where not all of that is kept any more.
    Browsers offer a WebSocket's token as a protocol: `strongroom.v1, bearer.<token>`. It ends with the token.
    """
    return EventStream(audience, Request(who, wanted, after if last_event_id is None else last_event_id))


@router.websocket("/events")
async def web_socket(
    websocket: WebSocket, verifier: VerifierDep, audience: AudienceDep, wanted: WantedDep, after: After = None
) -> None:
    token = token_of(websocket)
    if not token:
        raise Unauthorized
    who = await verifier.verify(token)
    if _SCOPE not in who.scopes:
        raise InsufficientScope(_SCOPE)
    await serve(websocket, audience, Request(who, wanted, after))
