"""SQS FIFO to Lambda: partial failures come back, and end in the dead-letter queue."""

import json
import time

from ..eventually import eventually


def test_only_the_failed_message_of_a_batch_comes_back_and_ends_among_the_dead(sample_stack):
    sqs = sample_stack.client("sqs")
    url, dead = sample_stack.resources["Queue"], sample_stack.resources["DeadLetters"]
    for name, order in (("good", {"calls": []}), ("bad", {"raise": "cannot"})):
        sqs.send_message(
            QueueUrl=url, MessageBody=json.dumps({"name": name} | order), MessageGroupId=name,
            MessageDeduplicationId=name)
    message, = eventually(
        lambda: sqs.receive_message(QueueUrl=dead, AttributeNames=["All"]).get("Messages"), "the bad message is dead")
    assert json.loads(message["Body"])["name"] == "bad"
    assert message["Attributes"]["MessageGroupId"] == "bad"
    log = sample_stack.log("remediator")
    assert log.count('"name": "good"') == 1
    assert log.count('"name": "bad"') == 2


def test_a_duplicate_is_delivered_once_and_a_group_in_order(sample_stack):
    sqs = sample_stack.client("sqs")
    for number in (1, 2, 2, 3):
        sqs.send_message(
            QueueUrl=sample_stack.resources["Queue"], MessageBody=json.dumps({"number": number}),
            MessageGroupId="AIDAEXAMPLE", MessageDeduplicationId=str(number))
    log = eventually(
        lambda: '"number": 3' in (log := sample_stack.log("remediator")) and log, "all messages are handled")
    order = [log.index(f'"number": {number}') for number in (1, 2, 3)]
    assert order == sorted(order)
    assert log.count('"number": 2') == 1


def test_a_message_reaches_a_running_function_at_once(sample_stack):
    sample_stack.invoke("remediator", {})
    started = time.monotonic()
    sample_stack.client("sqs").send_message(
        QueueUrl=sample_stack.resources["Queue"], MessageBody='{"mark": "here"}', MessageGroupId="a",
        MessageDeduplicationId="a")
    eventually(lambda: '"mark"' in sample_stack.log("remediator"), "the message is handled")
    assert time.monotonic() - started < 5
