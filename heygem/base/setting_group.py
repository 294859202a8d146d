"""What the settings' groups have in common."""

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """A misspelt name is refused, also in a list and in JSON."""

    model_config = ConfigDict(extra="forbid")
