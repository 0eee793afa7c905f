"""Each function is built from its own folder, knows what it needs, and nothing else."""

import re

from .deployment import COURIER, DETECTORS, EVALUATORS, PROGRAMS, REMEDIATORS, ROOT, environment, functions, properties, setting, target

EVERYONE = {
    "BAILIFF_ACCOUNT": "AWS::AccountId",
    "BAILIFF_STACK": "AWS::StackName",
    "BAILIFF_GOVERNANCE": "/opt/governance.yaml",
    "BAILIFF_QUARANTINE_POLICY": "QuarantinePolicy",
}
ASKING = {"BAILIFF_BUS": "Findings"} | {
    f"BAILIFF_{name.replace('-', '_').upper()}_QUEUE": "".join(word.capitalize() for word in name.split("-")) + "Queue"
    for name in REMEDIATORS
}
# Which webhooks there are, and never what they are.
CHATS = ",".join(("slack", "teams"))
CHANGING = {"BAILIFF_TABLE": "Journal", "BAILIFF_TOPIC": "Notices"}
# Whoever changes IAM asks the organisation's switch, too.
ACTING = CHANGING | {"BAILIFF_ORGANIZATION_TABLE": "OrganizationTable"}


def expected_environment(program, function):
    if program == "evaluate-changes":
        return EVERYONE | ASKING
    if program == "evaluate-account":
        # It tells the organisation how many users and roles a sweep found.
        return EVERYONE | ASKING | {"BAILIFF_TABLE": "Journal", "BAILIFF_ORGANIZATION_TABLE": "OrganizationTable"}
    if program == "restore":
        return EVERYONE | ACTING
    if program == "approve-plan":
        asking = {name: queue for name, queue in ASKING.items() if name != "BAILIFF_BUS"}
        return EVERYONE | asking | {"BAILIFF_TABLE": "Journal"}
    if program in DETECTORS:
        return EVERYONE | ASKING | CHANGING
    if program == "receive-directory-change":
        asking = {name: ASKING[name] for name in ("BAILIFF_BUS", "BAILIFF_SUSPEND_PRINCIPAL_QUEUE")}
        return EVERYONE | CHANGING | asking | {
            "BAILIFF_DIRECTORY_BUCKET": "DirectoryBucket", "BAILIFF_DIRECTORY_KEY": "DirectoryKey",
            "BAILIFF_S3_HOST": "s3.${AWS::Region}.${AWS::URLSuffix}"}
    if program == COURIER:
        return EVERYONE | {"BAILIFF_TABLE": "Journal", "BAILIFF_BUS": "Findings", "BAILIFF_CHATS": CHATS}
    return EVERYONE | ACTING | {"BAILIFF_DEAD_LETTERS": f"{function}DeadLetters"}


def named(value):
    """A list of what is there under a condition, as it is where every condition holds."""
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(part["Fn::If"][1] for part in parts)
    return value


def wrong_environment(template):
    wrong = []
    for program, function in functions(template).items():
        has = {key: named(target(value)) for key, value in environment(template, function).items()}
        for key, value in sorted(has.items() ^ expected_environment(program, function).items()):
            wrong.append(f"{program}: {key} -> {value}")
    return wrong


def wrong_build(template):
    wrong = []
    for program, function in functions(template).items():
        metadata = template["Resources"][function].get("Metadata", {})
        if metadata.get("BuildMethod") != "rust-cargolambda":
            wrong.append(f"{program}: not built by rust-cargolambda")
        # Without it, older builders guess among all binaries of the workspace.
        if metadata.get("BuildProperties", {}).get("Binary") != program:
            wrong.append(f"{program}: builds another binary")
        if properties(template, function)["CodeUri"] != f"functions/{program}":
            wrong.append(f"{program}: built from elsewhere")
        if setting(template, function, "Runtime") != "provided.al2023":
            wrong.append(f"{program}: another runtime")
        if setting(template, function, "Architectures") != [{"Ref": "Architecture"}]:
            wrong.append(f"{program}: an architecture of its own")
        if setting(template, function, "Layers") != [{"Ref": "Governance"}]:
            wrong.append(f"{program}: no governance file")
    return wrong


def unbraked_writers(template):
    """Functions that change IAM without a reserved concurrency."""
    programs = functions(template)
    return [
        p
        for p in sorted(REMEDIATORS | {"restore"})
        if "ReservedConcurrentExecutions" not in properties(template, programs[p])
    ]


def unbraked_listers(template):
    """Functions that AWS Config asks for many rules at once and that list the account each time, without a reserved concurrency."""
    programs = functions(template)
    return [p for p in ["evaluate-account"] if "ReservedConcurrentExecutions" not in properties(template, programs[p])]


def taken_for_dead_too_soon(template):
    """Functions that change IAM and may still be at it when others think that they died."""
    patience = (ROOT / "shared/src/engine/patience.rs").read_text()
    [minutes] = re.findall(r"LONGEST_RUN: SignedDuration = SignedDuration::from_mins\((\d+)\)", patience)
    programs = functions(template)
    return [
        p for p in sorted(PROGRAMS - EVALUATORS) if setting(template, programs[p], "Timeout") > int(minutes) * 60
    ]


def test_there_is_a_function_for_each_folder(template):
    assert functions(template).keys() == PROGRAMS


def test_each_function_knows_exactly_what_it_needs(template):
    assert wrong_environment(template) == []


def test_an_evaluator_that_is_told_the_topic_is_noticed(template):
    variables = properties(template, "EvaluateChanges")["Environment"]["Variables"]
    variables["BAILIFF_TOPIC"] = {"Ref": "Notices"}
    assert wrong_environment(template) == ["evaluate-changes: BAILIFF_TOPIC -> Notices"]


def test_each_function_is_built_from_its_own_folder(template):
    assert wrong_build(template) == []


def test_a_function_without_the_governance_file_is_noticed(template):
    properties(template, "Restore")["Layers"] = []
    assert wrong_build(template) == ["restore: no governance file"]


def test_whatever_changes_iam_has_a_brake(template):
    assert unbraked_writers(template) == []
    assert unbraked_listers(template) == []


def test_a_remediator_without_a_brake_is_noticed(template):
    del properties(template, "SuspendPrincipal")["ReservedConcurrentExecutions"]
    assert unbraked_writers(template) == ["suspend-principal"]


def test_whatever_changes_iam_ends_before_it_is_taken_for_dead(template):
    assert taken_for_dead_too_soon(template) == []


def test_a_restore_that_runs_longer_is_noticed(template):
    properties(template, "Restore")["Timeout"] = 121
    assert taken_for_dead_too_soon(template) == ["restore"]


def test_architecture_is_a_choice_of_two(template):
    architecture = template["Parameters"]["Architecture"]
    assert (architecture["Default"], architecture["AllowedValues"]) == ("arm64", ["arm64", "x86_64"])


def test_enforcement_is_no_parameter(template):
    assert template["Parameters"].keys() == {
        "Architecture",
        "DenyFirst",  # changes who is first, and nothing that is not in `enforce`
        "DirectoryBucket",
        "DirectoryKey",
        "LogRetentionDays",
        "NotificationEmail",
        "OrganizationTable",
        "ReserveConcurrency",
        "SlackWebhook",
        "SweepHours",
        "TeamsWebhook",
    }
