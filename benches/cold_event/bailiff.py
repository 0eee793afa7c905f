"""Bailiff's `evaluate-changes`, as built for deployment."""

from pathlib import Path

from function import Function

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
        "BAILIFF_DEACTIVATE_ACCESS_KEYS_QUEUE": f"{QUEUES}/deactivate-access-keys.fifo",
        "BAILIFF_REMOVE_USER_POLICIES_QUEUE": f"{QUEUES}/remove-user-policies.fifo",
        "BAILIFF_RESTRICT_ROLE_TRUST_QUEUE": f"{QUEUES}/restrict-role-trust.fifo",
        "BAILIFF_SET_ROLE_SESSION_DURATION_QUEUE": f"{QUEUES}/set-role-session-duration.fifo",
        "BAILIFF_SUSPEND_PRINCIPAL_QUEUE": f"{QUEUES}/suspend-principal.fifo",
        "BAILIFF_DEAD_LETTERS": f"{QUEUES}/dead-letters.fifo",
    })
