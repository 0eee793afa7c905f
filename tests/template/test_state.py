"""What must outlive a mistake: the journal, the governance file in force, the quarantine."""

from .deployment import properties, target


def wrong_table(template, name):
    table, p = template["Resources"][name], properties(template, name)
    wrong = []
    if p.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
        wrong.append("no point-in-time recovery")
    if p.get("SSESpecification", {}).get("SSEEnabled") is not True:
        wrong.append("not encrypted with a key of the account")
    if (table.get("DeletionPolicy"), table.get("UpdateReplacePolicy")) != ("Retain", "Retain"):
        wrong.append("goes with the stack")
    if p.get("DeletionProtectionEnabled") is not True:
        wrong.append("can be deleted by a slip")
    if p.get("BillingMode") != "PAY_PER_REQUEST":
        wrong.append("can run out of capacity")
    if [(key["AttributeName"], key["KeyType"]) for key in p["KeySchema"]] != [("pk", "HASH"), ("sk", "RANGE")]:
        wrong.append("has other keys")
    return wrong


def wrong_journal(template):
    return wrong_table(template, "Journal")


def test_the_journal_outlives_the_stack_and_mistakes(template):
    assert wrong_journal(template) == []


def test_a_journal_that_can_be_lost_is_noticed(template):
    del properties(template, "Journal")["PointInTimeRecoverySpecification"]
    template["Resources"]["Journal"]["DeletionPolicy"] = "Delete"
    assert wrong_journal(template) == ["no point-in-time recovery", "goes with the stack"]


def test_the_governance_file_ships_as_it_is_in_the_repository(template):
    layer = template["Resources"]["Governance"]
    assert layer["Properties"]["ContentUri"] == "governance/"
    assert "Metadata" not in layer  # a build could change it
    assert layer["Properties"]["RetentionPolicy"] == "Retain"


def test_the_quarantine_denies_everything(template):
    policy = properties(template, "QuarantinePolicy")
    assert target(policy["ManagedPolicyName"]) == "${AWS::StackName}-quarantine"
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement == {"Sid": "DenyAll", "Effect": "Deny", "Action": "*", "Resource": "*"}


def test_findings_bus_is_the_stacks_own(template):
    assert target(properties(template, "Findings")["Name"]) == "${AWS::StackName}-findings"
