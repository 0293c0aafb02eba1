"""What OpenAPI is told of refusals, in place of FastAPI's own notion of them."""

from typing import Any

_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "properties": {
        "type": {"type": "string", "examples": ["urn:problem-type:strongroom:not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status"],
}


def refusals(content: dict[str, Any] | None = None) -> dict[int | str, dict[str, Any]]:
    """For every status that is not success: a problem document (RFC 9457), or whatever `content` says."""
    problem = {"application/problem+json": {"schema": _PROBLEM}}
    return {
        "4XX": {"description": "A refusal", "content": {**problem, **(content or {})}},
        "5XX": {"description": "A fault, or something does not answer just now", "content": problem},
    }
