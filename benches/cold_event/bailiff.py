"""Bailiff's `evaluate-changes`, as built for deployment."""

from pathlib import Path

from function import Function

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"
QUEUES = "https://sqs.us-east-1.amazonaws.com/111122223333"


def deploy(binary: Path, governance: Path) -> Function:
    return Function("Bailiff", [binary], {
        "BAILIFF_ACCOUNT": "111122223333",
        "BAILIFF_STACK": "bailiff",
        "BAILIFF_GOVERNANCE": str(governance),
        "BAILIFF_TABLE": "bailiff",
        "BAILIFF_TOPIC": "arn:aws:sns:us-east-1:111122223333:bailiff",
        "BAILIFF_BUS": "bailiff",
        "BAILIFF_QUARANTINE_POLICY": "arn:aws:iam::111122223333:policy/bailiff-quarantine",
        "BAILIFF_DEAD_LETTERS": f"{QUEUES}/dead-letters.fifo",
    } | {
        f"BAILIFF_{folder.name.upper().replace('-', '_')}_QUEUE": f"{QUEUES}/{folder.name}.fifo"
        for folder in FUNCTIONS.iterdir()
    })
