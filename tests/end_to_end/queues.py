"""The queues between the functions, as a test waits for them and looks into them."""

import json

from .binaries import REPOSITORY
from .eventually import eventually
from .stack import Stack

# The functions that are sent findings: all but those who send them, those that a person asks, and who tells people.
REMEDIATORS = tuple(sorted(
    folder.name for folder in (REPOSITORY / "functions").iterdir()
    if not folder.name.startswith(("detect-", "evaluate-", "receive-")) and folder.name not in ("approve-plan", "deliver-notices", "restore")))
WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
# The logical ids of the queues in template.yaml.
QUEUES = {name: "".join(word.capitalize() for word in name.split("-")) for name in REMEDIATORS}


def url(stack: Stack, remediator: str) -> str:
    return stack.resources[f"{QUEUES[remediator]}Queue"]


def dead_letters_url(stack: Stack, remediator: str) -> str:
    return stack.resources[f"{QUEUES[remediator]}DeadLetters"]


def waiting(stack: Stack, queue: str) -> int:
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=list(WAITING))
    return sum(int(answer["Attributes"].get(name, 0)) for name in WAITING)


def worked_off(stack: Stack, within: float = 30) -> None:
    """Wait until no finding is on its way to any remediator, nor in its hands."""
    try:
        eventually(
            lambda: not any(waiting(stack, url(stack, name)) for name in REMEDIATORS), "the findings are worked off",
            within=within)
    except AssertionError as late:
        logs = "\n".join(f"{name}:\n{stack.log(name)}" for name in REMEDIATORS)
        raise AssertionError(f"{late}\n{logs}") from None


def give_up_after(stack: Stack, remediator: str, deliveries: int) -> None:
    """So many deliveries, instead of the five that the template says, until a message is dead."""
    sqs = stack.client("sqs")
    policy = sqs.get_queue_attributes(QueueUrl=url(stack, remediator), AttributeNames=["RedrivePolicy"])
    policy = json.loads(policy["Attributes"]["RedrivePolicy"]) | {"maxReceiveCount": deliveries}
    sqs.set_queue_attributes(QueueUrl=url(stack, remediator), Attributes={"RedrivePolicy": json.dumps(policy)})


def send(stack: Stack, remediator: str, body: str, group: str, deduplication: str) -> None:
    stack.client("sqs").send_message(
        QueueUrl=url(stack, remediator), MessageBody=body, MessageGroupId=group, MessageDeduplicationId=deduplication)


def received(stack: Stack, queue: str, count: int, within: float = 30) -> list[dict]:
    """That many messages of a queue nobody else reads, with all their attributes."""
    # All first: the emulator loses what it puts on a queue, on Lambda's behalf, while that queue is read.
    what = f"{count} messages are in {queue.rsplit('/', 1)[-1]}"
    eventually(lambda: waiting(stack, queue) >= count, what, within=within)
    sqs, found = stack.client("sqs"), {}

    def look():
        answer = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"])
        for message in answer.get("Messages", []):
            found[message["MessageId"]] = message
            # One of a group that is out keeps the group's others in.
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(found) >= count

    eventually(look, what)
    return list(found.values())


def reason(message: dict) -> str | None:
    return message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
