"""The sample events of `events/detect-threats/`, as if they had come up yesterday in a test's account."""

import json
from datetime import datetime, timedelta, timezone

from .binaries import REPOSITORY

SAMPLES = REPOSITORY / "events" / "detect-threats"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
WRITTEN_OF, WRITTEN_ON = "111122223333", datetime(2026, 11, 20, tzinfo=timezone.utc)
YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)


def retold(text: str, account: str) -> str:
    for form in ("%Y-%m-%d", "%d %b %Y"):
        text = text.replace(WRITTEN_ON.strftime(form), YESTERDAY.strftime(form))
    return text.replace(WRITTEN_OF, account)


def sample(name: str, account: str, others: dict[str, str] | None = None) -> dict:
    """`others` stand in the places of those of whom it was written: names, unique ids and keys."""
    text = retold((SAMPLES / f"{name}.json").read_text(), account)
    for written, other in (others or {}).items():
        assert written in text, f"{name} does not speak of {written}"
        text = text.replace(written, other)
    return json.loads(text)
