"""What comes up in us-east-1 alone reaches a stack elsewhere, and is heard there."""

from samtranslator.yaml_helper import yaml_parse

from .deployment import ROOT, lint, of_type

TEMPLATE = ROOT / "forward-global-events.yaml"


def sources(template):
    patterns = [rule["Properties"]["EventPattern"] for rule in of_type(template, "AWS::Events::Rule").values()]
    return {source for pattern in patterns for source in pattern.get("source", []) if isinstance(source, str)}


def test_cloudformation_takes_the_template():
    assert lint(TEMPLATE.read_text()) == []


def test_nothing_is_forwarded_that_nobody_hears(template):
    forwarded = sources(yaml_parse(TEMPLATE.read_text()))
    assert forwarded and forwarded - sources(template) == set()


def test_undeliverable_events_are_kept():
    template = yaml_parse(TEMPLATE.read_text())
    rules = of_type(template, "AWS::Events::Rule")
    assert all(target["DeadLetterConfig"] and target["RetryPolicy"] for rule in rules.values() for target in rule["Properties"]["Targets"])
    [policy] = of_type(template, "AWS::SQS::QueuePolicy").values()
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    from_rules = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert [arn["Fn::GetAtt"] for arn in from_rules] == [[name, "Arn"] for name in rules]
