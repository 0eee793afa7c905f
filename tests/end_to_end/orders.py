"""What an operator asks of the functions."""

from .stack import Invocation, Stack

OPERATOR = "arn:aws:iam::111122223333:role/operations"


def suspend(stack: Stack, principal: str, **more) -> Invocation:
    order = {"principal": principal, "reason": "the key is on the internet", "requestedBy": OPERATOR}
    return stack.invoke("suspend-principal", order | more)


def restore(stack: Stack, journal_id: str, **more) -> Invocation:
    request = {"journalId": journal_id, "reason": "it was needed after all", "requestedBy": OPERATOR}
    return stack.invoke("restore", request | more)


def restored(stack: Stack, journal_id: str, **more) -> dict:
    """The answer of an undo that did all it should."""
    answer = restore(stack, journal_id, **more)
    assert answer.error is None and answer.payload["status"] == "verified", answer.payload
    return answer.payload
