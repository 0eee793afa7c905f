"""What a contestant is: a name, what to start, and what it is told besides Lambda's own variables."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Function:
    name: str
    command: list[Path]
    environment: dict[str, str]
