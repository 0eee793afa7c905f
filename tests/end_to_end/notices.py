"""A listener on the topic of notices and on the bus of findings, as people and their tools have one."""

import json
from dataclasses import dataclass, field

from .stack import Stack


@dataclass
class Listener:
    stack: Stack
    queue: str
    _seen: list[dict] = field(default_factory=list)

    def notices(self) -> list[dict]:
        """What SNS delivered of what has ended, and pages: {Subject, Message, MessageAttributes}; to a queue the message is
        the notice as JSON."""
        return [notice for notice in self._told() if not begins(notice)]

    def begun(self) -> list[dict]:
        """The same of what begins."""
        return [notice for notice in self._told() if begins(notice)]

    def findings(self) -> list[dict]:
        """What EventBridge delivered: {source, detail-type, detail}."""
        return [body for body in self._all() if body.get("source") == "bailiff"]

    def forget(self) -> None:
        """What came so far."""
        self._all().clear()

    def _told(self) -> list[dict]:
        return [body for body in self._all() if body.get("Type") == "Notification"]

    def _all(self) -> list[dict]:
        sqs = self.stack.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._seen.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self._seen


def begins(notice: dict) -> bool:
    return notice.get("MessageAttributes", {}).get("status", {}).get("Value") == "open"


def listen(stack: Stack) -> Listener:
    sqs = stack.client("sqs")
    arn = f"arn:aws:sqs:us-east-1:{stack.account}:listener"
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]},
        "Action": "sqs:SendMessage", "Resource": arn}]}
    queue = sqs.create_queue(QueueName="listener", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
    stack.client("sns").subscribe(TopicArn=stack.resources["Notices"], Protocol="sqs", Endpoint=arn)
    events, bus = stack.client("events"), stack.environment("evaluate-changes")["BAILIFF_BUS"]
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["bailiff"]}))
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    return Listener(stack, queue)
