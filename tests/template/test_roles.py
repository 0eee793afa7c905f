"""A function is a permission boundary: its role holds what its work needs, on the things it needs it for."""

import json
from collections import Counter
from pathlib import Path

import cfnlint

from .deployment import (
    COURIER,
    DETECTORS,
    EVALUATORS,
    RECEIVERS,
    REMEDIATORS,
    allowed,
    functions,
    is_iam,
    is_iam_write,
    listed,
    of_type,
    properties,
    role,
    rule_targets,
    statements,
    target,
)

USERS = "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/*"
ROLES = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"
GROUPS = "arn:${AWS::Partition}:iam::${AWS::AccountId}:group/*"
POLICIES = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/*"
# Its own, by what it could change.
OWN = {
    ROLES: "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-*",
    POLICIES: "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${AWS::StackName}-*",
}

# The one names a key and no user, and another account's keys are out of reach anyway; the other asks of all users.
UNSCOPED_BY_CHOICE = {"iam:GetAccessKeyLastUsed", "iam:ListServiceSpecificCredentials"}

# What the account has one of, and AWS no resource for.
OF_THE_ACCOUNT = {"iam:UpdateAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy"}

# What a function may attach, set or detach is bound to one policy, and what it may touch in the journal to those
# partition keys of aws/src/journal that it works with; (program, action) -> condition.
QUARANTINE = {"Ref": "QuarantinePolicy"}
PRINCIPALS = {"Fn::Sub": "principal#${AWS::AccountId}#*"}
ENTRIES = ["chain", "entry#*", PRINCIPALS, "open", "switch", "off"]
# Only what acts by itself is counted.
COUNTS = ["count#*", "principals"]
WARNED, ASKED = ({"Fn::Sub": f"{name}#${{AWS::AccountId}}#*"} for name in ("warned", "asked"))
# The set operator also holds where there is no key at all; a single read or write always has one.
KEY_MEMORY = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["keys", "principals"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
# And whether everything is stopped.
REMEMBERED = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["keys", "principals", "switch"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
LISTED = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["left", "off", "threat"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
# And what workers left open, as a list.
SWEPT = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["left", "off", "open", "threat"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
REPORTED = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["left", "threat"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
THREATS = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["threat"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
DETECTED = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["threat", "refused"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
KNOWN = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["principals"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
HEARD = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["directory", "left"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
SWITCHED_OFF = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["off", "threat"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}


def only_beside(*keys):
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}, "Null": {"dynamodb:LeadingKeys": "false"}}


# No tag but the mark of quarantine, whatever hangs on tags elsewhere.
MARK = {"ForAllValues:StringEquals": {"aws:TagKeys": ["bailiff:quarantined"]}, "Null": {"aws:TagKeys": "false"}}

BOUND = {
    ("evaluate-account", "dynamodb:Query"): SWEPT,
    ("delete-access-keys", "dynamodb:Query"): SWITCHED_OFF,
    ("suspend-principal", "dynamodb:Query"): REPORTED,
    ("deactivate-access-keys", "dynamodb:Query"): THREATS,
    ("restore", "dynamodb:Query"): THREATS,
    **{("detect-threats", f"dynamodb:{verb}"): DETECTED for verb in ("PutItem", "UpdateItem")},
    ("detect-threats", "dynamodb:GetItem"): KNOWN,
    ("detect-threats", "dynamodb:Query"): LISTED,
    **{("receive-directory-change", f"dynamodb:{verb}"): HEARD for verb in ("GetItem", "PutItem", "Query")},
    ("approve-plan", "dynamodb:GetItem"): only_beside("entry#*", ASKED),
    ("approve-plan", "dynamodb:PutItem"): only_beside(ASKED),
    **{(COURIER, f"dynamodb:{verb}"): only_beside("digest", "told#*", WARNED) for verb in ("GetItem", "PutItem", "Query", "UpdateItem")},
    ("evaluate-account", "dynamodb:GetItem"): REMEMBERED,
    ("evaluate-account", "dynamodb:PutItem"): KEY_MEMORY,
    **{
        (program, f"dynamodb:{verb}Item"): {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ENTRIES + more}}
        for program, more in [*((program, [*COUNTS, WARNED, ASKED]) for program in REMEDIATORS), ("restore", [ASKED])]
        for verb in ("Get", "Put", "Update")
    },
    # And one report: that a person ordered a suspension.
    ("suspend-principal", "dynamodb:PutItem"): [
        {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*ENTRIES, *COUNTS, WARNED, ASKED]}},
        THREATS,
    ],
    # What it looks at before a first deny, where the stack denies first.
    ("suspend-principal", "dynamodb:BatchGetItem"): only_beside("chain", PRINCIPALS, "principals", "switch", "threat"),
    ("suspend-principal", "iam:AttachUserPolicy"): {"ArnEquals": {"iam:PolicyARN": QUARANTINE}},
    ("suspend-principal", "iam:AttachRolePolicy"): {"ArnEquals": {"iam:PolicyARN": QUARANTINE}},
    ("suspend-principal", "iam:PutUserPermissionsBoundary"): {"StringEquals": {"iam:PermissionsBoundary": QUARANTINE}},
    ("suspend-principal", "iam:PutRolePermissionsBoundary"): {"StringEquals": {"iam:PermissionsBoundary": QUARANTINE}},
    **{("suspend-principal", f"iam:Tag{kind}"): MARK for kind in ("User", "Role")},
    **{("restore", f"iam:{verb}{kind}"): MARK for verb in ("Tag", "Untag") for kind in ("User", "Role")},
    ("restore", "iam:DetachRolePolicy"): {"ArnEquals": {"iam:PolicyARN": QUARANTINE}},
}

# In the table of the organisation, which is there for all accounts: its switch, its counters and what they take shares of,
# and nobody's entries.
SWITCH = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["switch"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
POPULATION = {
    "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["principals"]},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
SHARED = {
    "dynamodb:GetItem": SWITCH,
    "dynamodb:PutItem": SWITCH,
    "dynamodb:Query": POPULATION,
    "dynamodb:UpdateItem": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["count#*"]}},
}
# Who sweeps says how many it found, looks at the switch, and throws none.
SHARED_BY_SWEEPS = {"dynamodb:GetItem": SWITCH, "dynamodb:PutItem": POPULATION}


def beside_iam(program, function):
    """Every (action, resource) of a function outside IAM, but for whom evaluators ask: test_declared.py holds that
    against the rules."""
    pairs = {("logs:CreateLogStream", f"{function}Log"), ("logs:PutLogEvents", f"{function}Log")}
    if program in EVALUATORS:
        pairs |= {("config:PutEvaluations", "*"), ("events:PutEvents", "Findings")}
    if program == "evaluate-changes":
        pairs |= {("config:GetResourceConfigHistory", "*")}
    if program == "evaluate-account":
        rules = "arn:${AWS::Partition}:config:${AWS::Region}:${AWS::AccountId}:config-rule/*"
        pairs |= {("config:GetComplianceDetailsByConfigRule", rules)}
        pairs |= {(f"dynamodb:{verb}", "Journal") for verb in ("GetItem", "PutItem", "Query")}
        # What rules ask of the account beside IAM: the code's own reads, as `bailiff permissions` shows them.
        contact = "arn:${AWS::Partition}:account::${AWS::AccountId}:account"
        pairs |= {("access-analyzer:ListAnalyzers", "*"), ("account:GetAlternateContact", contact)}
        pairs |= {(action, "OrganizationTable") for action in SHARED_BY_SWEEPS}
    if program in ("deactivate-access-keys", "delete-access-keys", "suspend-principal", "restore"):
        pairs |= {("dynamodb:Query", "Journal")}
    if program == "suspend-principal":
        pairs |= {("dynamodb:BatchGetItem", "Journal")}
    if program in DETECTORS:
        reads = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        pairs |= {(action, f"{function}Queue") for action in reads}
        pairs |= {(f"dynamodb:{verb}", "Journal") for verb in ("GetItem", "PutItem", "Query", "UpdateItem")}
        pairs |= {("events:PutEvents", "Findings"), ("sns:Publish", "Notices")}
    if program in RECEIVERS:
        pairs |= {(f"dynamodb:{verb}", "Journal") for verb in ("GetItem", "PutItem", "Query")}
        pairs |= {("sqs:SendMessage", "SuspendPrincipalQueue"), ("events:PutEvents", "Findings"), ("sns:Publish", "Notices")}
        pairs |= {("s3:GetObject", "arn:${AWS::Partition}:s3:::${DirectoryBucket}/${DirectoryKey}")}
    if program == "approve-plan":
        pairs |= {("dynamodb:GetItem", "Journal"), ("dynamodb:PutItem", "Journal")}
    if program in REMEDIATORS:
        reads = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        pairs |= {(action, f"{function}Queue") for action in reads} | {("sqs:SendMessage", f"{function}DeadLetters")}
    if program in REMEDIATORS | {"restore"}:
        pairs |= {(f"dynamodb:{verb}Item", "Journal") for verb in ("Get", "Put", "Update")} | {
            ("sns:Publish", "Notices")
        }
    # An undo is not counted, and stops nothing.
    if program in REMEDIATORS:
        pairs |= {(action, "OrganizationTable") for action in SHARED}
    if program == "restore":
        pairs |= {("dynamodb:GetItem", "OrganizationTable")}
    if program == COURIER:
        contact = "arn:${AWS::Partition}:account::${AWS::AccountId}:account"
        ses = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
        pairs |= {("account:GetAlternateContact", contact), ("events:PutEvents", "Findings")}
        pairs |= {("cloudtrail:LookupEvents", "*")}
        pairs |= {("ses:SendEmail", f"{ses}{kind}/*") for kind in ("identity", "configuration-set")}
        pairs |= {(f"dynamodb:{verb}", "Journal") for verb in ("GetItem", "PutItem", "Query", "UpdateItem")}
        reads = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        pairs |= {(action, f"{function}Queue") for action in reads}
    if program not in REMEDIATORS:
        pairs |= {("sqs:SendMessage", "FailedInvocations")}
    return pairs


def functions_name(program):
    return "".join(word.capitalize() for word in program.split("-"))


def wrong_beside_iam(template):
    wrong = []
    for program, function in functions(template).items():
        has = {(action, resource) for action, resource, _ in allowed(template, function) if not is_iam(action)}
        if program in EVALUATORS | DETECTORS | {"approve-plan"}:
            has -= {("sqs:SendMessage", f"{functions_name(remediator)}Queue") for remediator in REMEDIATORS}
        needs = beside_iam(program, function)
        wrong += [f"{program}: may {action} on {resource}, needs not" for action, resource in sorted(has - needs)]
        wrong += [f"{program}: needs {action} on {resource}, may not" for action, resource in sorted(needs - has)]
    return wrong


def shared_roles(template):
    """Roles that are not used by exactly one function, or by rules on the bus and no function."""
    uses = Counter(role(template, function) for function in functions(template).values())
    uses.update({target(at["RoleArn"]) for _, at in rule_targets(template) if "RoleArn" in at})
    return sorted(name for name in of_type(template, "AWS::IAM::Role").keys() | uses.keys() if uses[name] != 1)


def policies_from_elsewhere(template):
    """Ways to grant something that the other checks would not see."""
    wrong = []
    for name, resource in of_type(template, "AWS::IAM::Role").items():
        if resource["Properties"].get("ManagedPolicyArns"):
            wrong.append(f"{name}: managed policies")
    for function in functions(template).values():
        if "Policies" in properties(template, function):
            wrong.append(f"{function}: SAM policies")
    for kind in ("AWS::IAM::Policy", "AWS::IAM::RolePolicy"):
        wrong += [f"{name}: {kind}" for name in of_type(template, kind)]
    for name, resource in of_type(template, "AWS::IAM::ManagedPolicy").items():
        effects = {s["Effect"] for s in resource["Properties"]["PolicyDocument"]["Statement"]}
        if effects != {"Deny"} or resource["Properties"].keys() & {"Roles", "Users", "Groups"}:
            wrong.append(f"{name}: grants or is attached")
    return wrong


def evaluators_that_write(template):
    return [
        f"{program}: {action}"
        for program in sorted(EVALUATORS)
        for action, _, _ in allowed(template, functions(template)[program])
        if is_iam_write(action)
    ]


def loose_statements(template):
    """Allowing by wildcard or exception, where a reader could not see what is allowed."""
    wrong = []
    for program, function in functions(template).items():
        for statement in statements(template, function):
            if "NotAction" in statement or "NotResource" in statement:
                wrong.append(f"{program}: {statement.get('Sid')} allows by exception")
            wrong += [f"{program}: {action}" for action in listed(statement.get("Action", [])) if "*" in action]
    return wrong


def unscoped_writes(template):
    """IAM writes on anything but this account's users, groups, roles and policies, and the account itself."""
    return [
        f"{program}: {action} on {resource}"
        for program, function in functions(template).items()
        for action, resource, _ in allowed(template, function)
        if is_iam_write(action)
        and resource not in (USERS, GROUPS, ROLES, POLICIES)
        and not (resource == "*" and action in OF_THE_ACCOUNT)
    ]


def needlessly_unscoped(template):
    """Actions on `*` that AWS would let us narrow, by the authorization data that cfn-lint carries."""
    data = json.loads((Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text())
    wrong = []
    for program, function in functions(template).items():
        for action, resource, _ in allowed(template, function):
            service, name = action.lower().split(":")
            if resource == "*" and action not in UNSCOPED_BY_CHOICE and data[service]["Actions"][name].get("Resources"):
                wrong.append(f"{program}: {action}")
    return wrong


def unbound(template):
    """Conditions that are missing or not expected."""
    wrong = []
    for program, function in functions(template).items():
        for action, resource, statement in allowed(template, function):
            shared = SHARED_BY_SWEEPS if program in EVALUATORS else SHARED
            bound = shared.get(action) if resource == "OrganizationTable" else BOUND.get((program, action))
            if (bound or is_iam(action)) and statement.get("Condition") not in listed(bound):
                wrong.append(f"{program}: {action}")
    return wrong


def own_within_reach(template):
    """Writes on roles and policies that do not spare Bailiff's own."""
    wrong = []
    for program, function in functions(template).items():
        for everything, own in OWN.items():
            spared = {
                action
                for s in statements(template, function)
                if s["Effect"] == "Deny"
                and "Condition" not in s
                and own in [target(r) for r in listed(s["Resource"])]
                for action in listed(s["Action"])
            }
            writes = {
                action
                for action, resource, _ in allowed(template, function)
                if is_iam_write(action) and resource == everything
            }
            wrong += [f"{program}: {action}" for action in sorted(writes - spared)]
    return wrong


def misnamed_roles(template):
    """Bailiff knows its own roles by the stack's name at the start of theirs."""
    wrong = []
    for program, function in functions(template).items():
        name = target(properties(template, role(template, function)).get("RoleName"))
        if name != f"${{AWS::StackName}}-{program}":
            wrong.append(f"{program}: {name}")
    return wrong


def grant(template, function, statement):
    policy = properties(template, f"{function}Role")["Policies"][0]["PolicyDocument"]
    policy["Statement"].append({"Effect": "Allow", **statement})


def named(template, function, sid):
    return next(s for s in statements(template, function) if s.get("Sid") == sid)


def test_each_function_may_do_outside_iam_exactly_what_it_needs(template):
    assert wrong_beside_iam(template) == []


def test_reading_another_remediators_queue_is_noticed(template):
    grant(
        template,
        "SuspendPrincipal",
        {"Action": "sqs:ReceiveMessage", "Resource": {"Fn::GetAtt": ["RemoveUserPoliciesQueue", "Arn"]}},
    )
    assert wrong_beside_iam(template) == [
        "suspend-principal: may sqs:ReceiveMessage on RemoveUserPoliciesQueue, needs not"
    ]


def test_a_missing_grant_is_noticed(template):
    named(template, "Restore", "Journal")["Action"].remove("dynamodb:UpdateItem")
    assert wrong_beside_iam(template) == ["restore: needs dynamodb:UpdateItem on Journal, may not"]


def test_each_role_is_used_by_one_function(template):
    assert shared_roles(template) == []


def test_a_shared_role_is_noticed(template):
    properties(template, "RemoveUserPolicies")["Role"] = {"Fn::GetAtt": ["RestoreRole", "Arn"]}
    assert shared_roles(template) == ["RemoveUserPoliciesRole", "RestoreRole"]


def test_nothing_is_granted_from_elsewhere(template):
    assert policies_from_elsewhere(template) == []


def test_a_grant_from_elsewhere_is_noticed(template):
    properties(template, "Restore")["Policies"] = ["IAMFullAccess"]
    properties(template, "RestoreRole")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/IAMFullAccess"]
    properties(template, "QuarantinePolicy")["PolicyDocument"]["Statement"][0]["Effect"] = "Allow"
    assert len(policies_from_elsewhere(template)) == 3


def test_the_bus_may_post_to_the_webhooks_and_no_more(template):
    [statement] = properties(template, "WebhooksRole")["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:InvokeApiDestination"
    names = [target(properties(template, f"{chat}Destination")["Name"]) for chat in ("Slack", "Teams")]
    arn = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:api-destination/"
    assert [target(resource) for resource in statement["Resource"]] == [f"{arn}{name}/*" for name in names]


def test_the_courier_has_no_iam_action_that_writes(template):
    assert [a for a, _, _ in allowed(template, "DeliverNotices") if is_iam(a)] == ["iam:GetUser", "iam:GetRole"]


def test_evaluators_cannot_write(template):
    assert evaluators_that_write(template) == []


def test_evaluate_changes_has_no_iam_action(template):
    assert [action for action, _, _ in allowed(template, "EvaluateChanges") if is_iam(action)] == []


def test_an_evaluator_that_writes_is_noticed(template):
    for action in ("iam:TagUser", "iam:*", "*"):
        grant(template, "EvaluateAccount", {"Action": action, "Resource": "*"})
    assert len(evaluators_that_write(template)) == 3


def test_no_statement_allows_by_wildcard_or_exception(template):
    assert loose_statements(template) == []


def test_a_wildcard_and_an_exception_are_noticed(template):
    grant(template, "Restore", {"Action": "iam:Get*", "Resource": "*"})
    grant(template, "Restore", {"NotAction": "iam:GetUser", "Resource": "*"})
    assert len(loose_statements(template)) == 2


def test_iam_writes_reach_only_what_is_of_this_account(template):
    assert unscoped_writes(template) == []


def test_a_write_on_everything_is_noticed(template):
    named(template, "RemoveUserPolicies", "RemovePolicies")["Resource"] = "*"
    assert len(unscoped_writes(template)) == 2


def test_every_resource_is_narrowed_where_aws_allows_it(template):
    assert needlessly_unscoped(template) == []


def test_a_needlessly_wide_read_is_noticed(template):
    named(template, "SuspendPrincipal", "ReadRole")["Resource"] = "*"
    assert len(needlessly_unscoped(template)) == 5


def test_what_is_attached_can_only_be_the_quarantine_and_what_is_written_only_ones_own_items(template):
    assert unbound(template) == []


def test_a_dropped_condition_is_noticed(template):
    del named(template, "SuspendPrincipal", "QuarantineUser")["Condition"]
    del named(template, "EvaluateAccount", "RememberKeys")["Condition"]["Null"]
    assert unbound(template) == [
        "evaluate-account: dynamodb:PutItem",
        "suspend-principal: iam:AttachUserPolicy",
    ]


def test_a_counter_of_the_organisation_that_could_be_any_item_is_noticed(template):
    del named(template, "HardenAccount", "OrganizationCounters")["Condition"]
    assert unbound(template) == ["harden-account: dynamodb:UpdateItem"]


def test_a_sweep_that_could_throw_the_organisations_switch_is_noticed(template):
    keys = named(template, "EvaluateAccount", "OrganizationPrincipals")["Condition"]["ForAllValues:StringEquals"]
    keys["dynamodb:LeadingKeys"].append("switch")
    assert unbound(template) == ["evaluate-account: dynamodb:PutItem"]


def test_a_remediator_that_could_say_how_many_there_are_is_noticed(template):
    named(template, "HardenAccount", "OrganizationPrincipals")["Action"] = "dynamodb:PutItem"
    assert unbound(template) == ["harden-account: dynamodb:PutItem"]
    assert wrong_beside_iam(template) == ["harden-account: needs dynamodb:Query on OrganizationTable, may not"]


def test_without_the_organisations_table_nobody_is_granted_anything_on_it(template):
    whenever = [
        role(template, function)
        for function in functions(template).values()
        for policy in properties(template, role(template, function))["Policies"]
        if "OrganizationTable" in json.dumps(policy) and policy.get("Fn::If", [None])[0] != "HasOrganizationTable"
    ]
    assert whenever == []


def test_an_evaluator_that_could_write_entries_is_noticed(template):
    grant(template, "EvaluateAccount", {"Action": "dynamodb:PutItem", "Resource": {"Fn::GetAtt": ["Journal", "Arn"]}})
    assert unbound(template) == ["evaluate-account: dynamodb:PutItem"]


def test_no_function_can_change_bailiffs_own_roles_and_policies(template):
    assert own_within_reach(template) == []


def test_a_role_write_without_its_denial_is_noticed(template):
    named(template, "Restore", "NeverProtectedRoles")["Action"].remove("iam:DeleteRolePolicy")
    assert own_within_reach(template) == ["restore: iam:DeleteRolePolicy"]


def test_a_write_on_policies_without_its_denial_is_noticed(template):
    named(template, "RestrictPolicy", "NeverOwnPolicies")["Resource"] = "arn:aws:iam::111122223333:policy/other"
    assert own_within_reach(template) == [
        "restrict-policy: iam:CreatePolicyVersion",
        "restrict-policy: iam:SetDefaultPolicyVersion",
    ]


def test_roles_carry_the_stacks_name(template):
    assert misnamed_roles(template) == []


def test_a_role_that_cloudformation_names_is_noticed(template):
    del properties(template, "RestoreRole")["RoleName"]
    assert misnamed_roles(template) == ["restore: None"]
