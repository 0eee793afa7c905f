"""A stack denies first only where it is told to, and then beside all that it does without."""

import copy

from .deployment import of_type, properties, where_it_holds

HEARD_OF = {"DetectorFindings", "IdentityCalls", "StackCalls"}


def under(condition, value):
    """The value with this one condition decided, which way is the index: 1 where it holds, 2 where not."""
    name, index = condition
    if isinstance(value, dict):
        if value.keys() == {"Fn::If"} and value["Fn::If"][0] == name:
            return under(condition, value["Fn::If"][index])
        return {key: under(condition, below) for key, below in value.items()}
    if isinstance(value, list):
        left = [under(condition, below) for below in value]
        return [below for below in left if below != {"Ref": "AWS::NoValue"}]
    return value


def targets(template):
    """Every rule that sends to suspend-principal, with the target."""
    return {
        name: at
        for name, rule in of_type(template, "AWS::Events::Rule").items()
        for at in rule["Properties"]["Targets"]
        if at["Arn"] == {"Fn::GetAtt": ["SuspendPrincipalQueue", "Arn"]}
    }


def test_it_is_off_unless_it_is_asked_for(template):
    assert template["Parameters"]["DenyFirst"]["Default"] == "false"
    assert template["Conditions"]["DeniesFirst"] == {"Fn::Equals": [{"Ref": "DenyFirst"}, "true"]}
    without = under(("DeniesFirst", 2), template)
    assert targets(without) == {}
    assert properties(without, "SuspendPrincipalQueue")["ContentBasedDeduplication"] is False
    assert "BatchGetItem" not in str(properties(without, "SuspendPrincipalRole"))
    policy = properties(without, "SuspendPrincipalQueuePolicy")["PolicyDocument"]["Statement"]
    assert [statement["Effect"] for statement in policy] == ["Deny"]


def test_events_that_may_speak_against_somebody_go_there_too_one_after_the_other(template):
    found = targets(under(("DeniesFirst", 1), template))
    assert found.keys() == HEARD_OF
    assert all(at["SqsParameters"] == {"MessageGroupId": "deny-first"} for at in found.values())
    # What is an hour old is first no more.
    assert all(at["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 60 for at in found.values())


def test_detect_threats_is_told_of_all_that_suspend_principal_is(template):
    for name in HEARD_OF:
        first, second = properties(template, name)["Targets"]
        assert first["Arn"] == {"Fn::GetAtt": ["DetectThreatsQueue", "Arn"]}
        assert where_it_holds(second)["Id"] != first["Id"]


def test_nobody_but_these_rules_may_send_there(template):
    policy = properties(under(("DeniesFirst", 1), template), "SuspendPrincipalQueuePolicy")["PolicyDocument"]["Statement"]
    [allowed] = [statement for statement in policy if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"} and allowed["Action"] == "sqs:SendMessage"
    sources = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert sources == [{"Fn::GetAtt": [name, "Arn"]} for name in sorted(HEARD_OF)]


def test_a_condition_that_is_decided_leaves_nothing_of_itself(template):
    broken = copy.deepcopy(template)
    properties(broken, "DetectorFindings")["Targets"].append({"Fn::If": ["DeniesFirst", {"Arn": 1}, {"Ref": "AWS::NoValue"}]})
    assert "DeniesFirst" not in str(under(("DeniesFirst", 1), broken)["Resources"])
    assert len(properties(under(("DeniesFirst", 2), broken), "DetectorFindings")["Targets"]) == 1
