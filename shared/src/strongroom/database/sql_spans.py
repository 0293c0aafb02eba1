"""Makes a span of each statement, where spans are exported and the statement is on somebody's behalf."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from strongroom.call_context import current
from strongroom.spans import Kind, exported_to

_LONGEST = 2000
_SPAN = "strongroom_span"


def tell_statements(engine: AsyncEngine) -> None:
    """Statements are told without their values, which are not part of them. Costs a comparison where nobody exports."""
    event.listen(engine.sync_engine, "before_cursor_execute", _begin)
    event.listen(engine.sync_engine, "after_cursor_execute", _end)
    event.listen(engine.sync_engine, "handle_error", _fail)


def _begin(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    spans, trace = exported_to(), current().trace
    if spans is None or trace is None or context is None:
        return
    words = statement.split(None, 1)
    name = words[0].upper() if words else "SQL"
    told = {"db.system.name": "postgresql", "db.operation.name": name, "db.query.text": statement[:_LONGEST]}
    setattr(context, _SPAN, spans.start(name, Kind.CLIENT, trace, told))


def _end(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    _over(context, None)


def _fail(failure: Any) -> None:
    _over(failure.execution_context, type(failure.original_exception).__name__)


def _over(context: Any, failure: str | None) -> None:
    span = getattr(context, _SPAN, None)
    if span is not None:
        setattr(context, _SPAN, None)
        span.end(failure)
