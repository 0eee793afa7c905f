"""AWS Config can ask for every rule, in every way that the rule must be asked."""

import json

from .deployment import functions, listed, of_type, properties, target

CHANGES = {"ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification"}
FREQUENCY = {"Fn::FindInMap": ["Sweep", {"Ref": "SweepHours"}, "Frequency"]}


def rules(template):
    """Rule id to the properties of its Config rule."""
    found = of_type(template, "AWS::Config::ConfigRule").values()
    return {rule["Properties"]["InputParameters"]["ruleId"]: rule["Properties"] for rule in found}


def kind(rule):
    """`change`, `scheduled`, or what is wrong with the rule's triggers."""
    details = rule["Source"]["SourceDetails"]
    messages = [detail["MessageType"] for detail in details]
    if sorted(messages) == sorted(CHANGES) and all(d["EventSource"] == "aws.config" for d in details):
        return "change"
    if messages == ["ScheduledNotification"] and details[0].get("MaximumExecutionFrequency") == FREQUENCY:
        return "scheduled"
    return f"asked by {messages}"


def wrong_triggers(template):
    programs = functions(template)
    asked = {"change": programs["evaluate-changes"], "scheduled": programs["evaluate-account"]}
    wrong = []
    for rule_id, rule in rules(template).items():
        how = kind(rule)
        if target(rule["Source"]["SourceIdentifier"]) != asked.get(how):
            wrong.append(f"{rule_id}: {how}")
        if rule["ConfigRuleName"] != f"bailiff-{rule_id}":
            wrong.append(f"{rule_id}: named {rule['ConfigRuleName']}")
    return wrong


def without_permission(template):
    """Rules that AWS Config may not ask their function for, or that it may ask in another account's name."""
    wrong = []
    permissions = of_type(template, "AWS::Lambda::Permission")
    for name, rule in of_type(template, "AWS::Config::ConfigRule").items():
        function = target(rule["Properties"]["Source"]["SourceIdentifier"])
        holding = [
            permission
            for permission, resource in permissions.items()
            if target(resource["Properties"]["FunctionName"]) == function
            and resource["Properties"]["Principal"] == "config.amazonaws.com"
            and resource["Properties"]["Action"] == "lambda:InvokeFunction"
        ]
        if not holding or not set(holding) & set(listed(rule.get("DependsOn", []))):
            wrong.append(f"{name}: no permission before it")
        for permission in holding:
            if permissions[permission]["Properties"].get("SourceAccount") != {"Ref": "AWS::AccountId"}:
                wrong.append(f"{name}: asked by any account")
    return wrong


def test_every_rule_is_asked_by_both_change_messages_or_by_schedule(template):
    assert wrong_triggers(template) == []


def test_a_rule_deaf_to_oversized_items_is_noticed(template):
    properties(template, "UserInlinePolicyRule")["Source"]["SourceDetails"].pop()
    assert wrong_triggers(template) == ["user-inline-policy: asked by ['ConfigurationItemChangeNotification']"]


def test_a_scheduled_rule_on_the_wrong_function_is_noticed(template):
    properties(template, "UserUnusedRule")["Source"]["SourceIdentifier"] = {"Fn::GetAtt": ["EvaluateChanges", "Arn"]}
    assert wrong_triggers(template) == ["user-unused: scheduled"]


def test_every_rule_has_its_permission_before_it(template):
    assert without_permission(template) == []


def test_a_permission_for_any_account_is_noticed(template):
    del properties(template, "EvaluateChangesPermission")["SourceAccount"]
    asking = [
        name
        for name, rule in of_type(template, "AWS::Config::ConfigRule").items()
        if target(rule["Properties"]["Source"]["SourceIdentifier"]) == "EvaluateChanges"
    ]
    assert "UserInlinePolicyRule" in asking
    assert without_permission(template) == [f"{name}: asked by any account" for name in asking]


def test_a_rule_that_does_not_wait_for_its_permission_is_noticed(template):
    del template["Resources"]["UserUnusedRule"]["DependsOn"]
    assert without_permission(template) == ["UserUnusedRule: no permission before it"]


def test_parameters_fit_into_what_config_takes(template):
    assert all(len(json.dumps(rule["InputParameters"])) <= 1024 for rule in rules(template).values())


def test_config_and_the_sweep_keep_the_same_hours(template):
    words = {"1": "One_Hour", "3": "Three_Hours", "6": "Six_Hours", "12": "Twelve_Hours", "24": "TwentyFour_Hours"}
    expected = {
        hours: {"Frequency": word, "Rate": f"rate({hours} hour{'' if hours == '1' else 's'})"}
        for hours, word in words.items()
    }
    assert template["Mappings"]["Sweep"] == expected
    assert template["Parameters"]["SweepHours"]["AllowedValues"] == list(words)


def test_the_sweep_runs(template):
    sweep = properties(template, "EvaluateAccount")["Events"]["Reconcile"]
    assert sweep["Type"] == "Schedule"
    assert sweep["Properties"]["Schedule"] == {"Fn::FindInMap": ["Sweep", {"Ref": "SweepHours"}, "Rate"]}
