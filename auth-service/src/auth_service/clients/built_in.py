"""The apps that every Strongroom knows without anybody registering them."""

from datetime import UTC, datetime
from uuid import UUID

from auth_service.clients.repository import Client

# The command `strongroom` (RFC 8252): any port on loopback, and as much as the person has and allows.
COMMAND_LINE = Client(
    id=UUID("01a2d4a0-0000-7000-8000-636c69000001"),
    built_in="strongroom-cli",
    name="Strongroom command line",
    secret_digest=None,
    scopes=None,
    redirect_uris=("http://127.0.0.1/callback", "http://[::1]/callback"),
    created_at=datetime(2026, 11, 30, tzinfo=UTC),
)
BUILT_IN = {client.client_id: client for client in (COMMAND_LINE,)}
STAND_INS = frozenset(client.id for client in BUILT_IN.values())
