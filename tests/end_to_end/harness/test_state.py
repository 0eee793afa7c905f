"""What the journal, the notices and the listeners stand on: conditional writes, topic, bus."""

import json

import pytest

from ..eventually import eventually


@pytest.fixture
def table(sample_stack):
    name = sample_stack.resources["Table"]
    return sample_stack.client("dynamodb"), name


def test_a_conditional_write_fails_if_its_condition_does(table):
    dynamodb, name = table
    item = {"pk": {"S": "finding"}, "sk": {"S": "1"}, "stage": {"S": "seen"}}
    dynamodb.put_item(TableName=name, Item=item, ConditionExpression="attribute_not_exists(pk)")
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName=name, Item=item, ConditionExpression="attribute_not_exists(pk)")
    update = {
        "TableName": name, "Key": {"pk": item["pk"], "sk": item["sk"]},
        "UpdateExpression": "SET stage = :to ADD attempts :one", "ConditionExpression": "stage = :from",
        "ExpressionAttributeValues": {":to": {"S": "done"}, ":from": {"S": "seen"}, ":one": {"N": "1"}}}
    dynamodb.update_item(**update)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.update_item(**update, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"]["stage"] == {"S": "done"}


def test_a_transaction_is_all_or_nothing(table):
    dynamodb, name = table

    def put(sk):
        return {"Put": {"TableName": name, "Item": {"pk": {"S": "t"}, "sk": {"S": sk}},
                        "ConditionExpression": "attribute_not_exists(pk)"}}

    dynamodb.transact_write_items(TransactItems=[put("1")])
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_write_items(TransactItems=[put("2"), put("1")])
    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == [
        "None", "ConditionalCheckFailed"]
    assert "Item" not in dynamodb.get_item(TableName=name, Key={"pk": {"S": "t"}, "sk": {"S": "2"}})


def test_notices_and_findings_arrive_where_somebody_listens(sample_stack, account):
    sqs = sample_stack.client("sqs")
    arn = f"arn:aws:sqs:us-east-1:{account}:listener"
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]},
        "Action": "sqs:SendMessage", "Resource": arn}]}
    url = sqs.create_queue(QueueName="listener", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
    sample_stack.client("sns").subscribe(
        TopicArn=sample_stack.resources["Topic"], Protocol="sqs", Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"})
    events = sample_stack.client("events")
    bus = sample_stack.resources["Bus"]
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["bailiff"]}))
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    notice = {"TopicArn": sample_stack.resources["Topic"], "Message": "notice"}
    finding = {"Entries": [
        {"Source": "bailiff", "DetailType": "Bailiff Finding", "Detail": '{"rule":"r"}', "EventBusName": bus}]}
    assert "error" not in sample_stack.invoke("remediator", {"calls": [["sns", "publish", notice]]}).payload["results"][0]
    assert "error" not in sample_stack.invoke("evaluator", {"calls": [["events", "put_events", finding]]}).payload["results"][0]
    bodies = []

    def both():
        bodies.extend(message["Body"] for message in sqs.receive_message(QueueUrl=url).get("Messages", []))
        return len(bodies) == 2

    eventually(both, "both arrive")
    assert "notice" in bodies
    assert json.loads(next(body for body in bodies if body != "notice"))["detail"] == {"rule": "r"}
