"""A role's grants and a function's calls can be held against each other."""

from .. import privileges


def test_tells_granted_used_and_refused_apart(sample_stack, config, account):
    token = config.issue_token(account, "bailiff-user-inline-policy")
    sample_stack.invoke("evaluator", {"calls": [
        ["iam", "list_users", {}], ["iam", "list_roles", {}],
        ["config", "put_evaluations", {"Evaluations": [], "ResultToken": token}],
        ["config", "describe_config_rules", {}],
    ]})
    granted = privileges.granted(sample_stack, "evaluator")
    assert {"iam:ListUsers", "config:PutEvaluations", "sqs:SendMessage", "events:PutEvents"} < granted
    assert privileges.used(sample_stack, config, "evaluator") == {"iam:ListUsers", "config:PutEvaluations"}
    assert privileges.refused(sample_stack, config, "evaluator") == {"iam:ListRoles"}
