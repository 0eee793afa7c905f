"""Notices reach the function that delivers them, and chats get a message that is whole when it leaves the function."""

import re

from .deployment import ROOT, properties, rule_targets, statements, target

CHATS = {"slack": "Slack", "teams": "Teams"}


def wrong_chat_rules(template):
    """Rules that would lose a notice, change it, or post what is none."""
    wrong = []
    for chat, name in CHATS.items():
        rule = properties(template, f"{name}Notices")
        pattern = {"source": ["bailiff"], "detail-type": ["Bailiff Notice"], "detail": {"chat": [chat]}}
        if rule["EventPattern"] != pattern or target(rule["EventBusName"]) != "Findings":
            wrong.append(f"{chat}: waits for something else")
        for at in rule["Targets"]:
            if target(at["Arn"]) != f"{name}Destination":
                wrong.append(f"{chat}: posts elsewhere")
            # A template that puts texts into JSON is one more thing that a quote or a line break can break.
            if "InputTransformer" in at or at.get("InputPath") != "$.detail.message":
                wrong.append(f"{chat}: the message is not passed on as it is")
            if "DeadLetterConfig" not in at or at["RetryPolicy"]["MaximumEventAgeInSeconds"] < 86400:
                wrong.append(f"{chat}: a notice can be lost")
    return wrong


def holders_of_a_webhook(template):
    """What refers to the parameters that are secret."""
    def refers(value):
        if isinstance(value, dict):
            if value.get("Ref") in ("SlackWebhook", "TeamsWebhook"):
                return True
            return any(refers(v) for v in value.values())
        return isinstance(value, list) and any(map(refers, value))
    return sorted(name for name, resource in template["Resources"].items() if refers(resource))


def test_the_courier_gets_each_notice_as_it_was_published(template):
    subscription = properties(template, "DeliverNoticesSubscription")
    assert target(subscription["TopicArn"]) == "Notices" and subscription["RawMessageDelivery"] is True
    assert target(subscription["Endpoint"]) == "DeliverNoticesQueue"
    assert target(subscription["RedrivePolicy"]["deadLetterTargetArn"]) == "DeliverNoticesDeadLetters"


def test_the_code_knows_the_last_receipt_of_a_message(template):
    code = (ROOT / "aws/src/lambda/deliver_notices.rs").read_text()
    [receipts] = re.findall(r"LAST_RECEIPT: u32 = (\d+);", code)
    assert properties(template, "DeliverNoticesQueue")["RedrivePolicy"]["maxReceiveCount"] == int(receipts)


def test_a_chats_message_is_passed_on_as_it_is_and_never_lost(template):
    assert wrong_chat_rules(template) == []
    on_the_bus = {name for name, _ in rule_targets(template) if "EventBusName" in properties(template, name)}
    assert on_the_bus == {f"{name}Notices" for name in CHATS.values()}


def test_a_transformer_is_noticed(template):
    [at] = properties(template, "SlackNotices")["Targets"]
    del at["InputPath"], at["DeadLetterConfig"]
    at["InputTransformer"] = {"InputPathsMap": {"text": "$.detail.text"}, "InputTemplate": '{"text": "<text>"}'}
    assert wrong_chat_rules(template) == [
        "slack: the message is not passed on as it is", "slack: a notice can be lost"]


def test_no_function_knows_a_webhook(template):
    assert holders_of_a_webhook(template) == ["SlackDestination", "TeamsDestination"]
    for chat in CHATS.values():
        assert template["Parameters"][f"{chat}Webhook"]["NoEcho"] is True


def test_without_a_webhook_there_is_nothing_of_it(template):
    for chat in CHATS.values():
        for part in ("Connection", "Destination", "Notices"):
            assert template["Resources"][f"{chat}{part}"]["Condition"] == f"Has{chat}Webhook"
    for part in ("WebhooksRole", "WebhookDeadLetters", "WebhookDeadLettersPolicy", "WebhookDeadLettersDepth"):
        assert template["Resources"][part]["Condition"] == "HasWebhook"


def test_a_webhooks_url_is_one_of_its_chat(template):
    slack, teams = (re.compile(template["Parameters"][f"{chat}Webhook"]["AllowedPattern"]) for chat in CHATS.values())
    for right in ("", "https://hooks.slack.com/services/T000/B000/XXXX"):
        assert slack.fullmatch(right)
    for wrong in ("http://hooks.slack.com/services/T/B/X", "https://evil.example/services/T/B/X", "hooks.slack.com/x"):
        assert not slack.fullmatch(wrong)
    workflow = "https://prod-1.westeurope.logic.azure.com:443/workflows/ab/triggers/manual/paths/invoke"
    assert teams.fullmatch(f"{workflow}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=a-b_c")
    assert not teams.fullmatch("https://user@evil.example/ x") and not teams.fullmatch("ftp://example.com/x")


def test_mail_leaves_by_this_accounts_own_identities_only(template):
    [mail] = [s for s in statements(template, "DeliverNotices") if s["Action"] == "ses:SendEmail"]
    own = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
    assert all(target(resource).startswith(own) for resource in mail["Resource"])
