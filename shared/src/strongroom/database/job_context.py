"""Ties what a job does to the request that called for it: its log lines, its calls and its span."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog
from pgqueuer.domain import models

from strongroom.call_context import CallContext, within
from strongroom.spans import Attributes, Kind, step


@contextmanager
def on_behalf(row: models.Job) -> Iterator[None]:
    """A job that no request called for, but a chore, has a trace of its own, where spans are exported."""
    context = CallContext.resumed(row.headers or {})
    about: Attributes = {"strongroom.job.id": int(row.id), "strongroom.job.attempt": row.attempts}
    with step(f"job {row.entrypoint}", Kind.CONSUMER, about, parent=context.trace) as span:
        if span is not None:
            context = replace(context, trace=span.trace)
        told = structlog.contextvars.bound_contextvars(**context.logged(), job=row.entrypoint, job_id=row.id)
        with within(context), told:
            yield
