"""What all that the services answer has in common."""

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """A newer server may say more than is known here. What is malformed is not quoted: it may be a secret."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
