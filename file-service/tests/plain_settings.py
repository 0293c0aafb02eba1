"""Settings as they are read, for making others of them."""

from typing import Any

from pydantic import BaseModel


def plain(settings: BaseModel) -> dict[str, Any]:
    """With their secrets in the clear."""
    values = settings.model_dump()
    return {name: getattr(value, "get_secret_value", lambda v=value: v)() for name, value in values.items()}
