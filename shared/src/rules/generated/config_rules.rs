//! The Config rules of `template.yaml`.

use std::fmt::Write as _;

use super::Region;
use crate::rules::{Meta, RULES, Trigger};

const REGION: Region = Region {
    file: "template.yaml",
    from: "  # Made of the rules' declarations: UPDATE=1 cargo test -p shared generated\n",
    to: "\n  # ---------------------------------------------------------------------------------------------------------- alarms",
};

/// A Config rule; by changes where the rule can judge these, because a schedule is slower.
fn config_rule(meta: &Meta) -> String {
    let by_change = meta.triggers.contains(&Trigger::Change);
    let function = if by_change { "EvaluateChanges" } else { "EvaluateAccount" };
    let id = meta.id;
    let mut text = format!(
        "\n  {}:\n    Type: AWS::Config::ConfigRule\n    DependsOn: {function}Permission\n    Properties:\n      \
         ConfigRuleName: bailiff-{id}\n      Description: {}.\n      InputParameters: {{ ruleId: {id} }}\n",
        super::pascal_case(id.as_str()) + "Rule",
        meta.title(),
    );
    if by_change {
        let kinds: Vec<&str> = meta.applies_to.iter().map(|kind| kind.as_str()).collect();
        let _ = write!(text, "      Scope:\n        ComplianceResourceTypes: [{}]\n", kinds.join(", "));
    }
    let _ = write!(
        text,
        "      Source:\n        Owner: CUSTOM_LAMBDA\n        SourceIdentifier: !GetAtt {function}.Arn\n        \
         SourceDetails:\n"
    );
    let messages: &[&str] = if by_change {
        &["ConfigurationItemChangeNotification", "OversizedConfigurationItemChangeNotification"]
    } else {
        &["ScheduledNotification"]
    };
    for message in messages {
        let _ = write!(text, "          - EventSource: aws.config\n            MessageType: {message}\n");
    }
    if !by_change {
        text += "            MaximumExecutionFrequency: !FindInMap [Sweep, !Ref SweepHours, Frequency]\n";
    }
    text
}

#[test]
fn the_template_has_the_config_rule_of_every_rule() {
    let by_change = |meta: &&Meta| meta.triggers.contains(&Trigger::Change);
    let all = || RULES.iter().map(|entry| &entry.meta);
    let (changes, sweeps): (Vec<&Meta>, Vec<&Meta>) = all().partition(by_change);
    let text: String = changes.into_iter().chain(sweeps).map(config_rule).collect();
    REGION.must_be(&text);
}

#[test]
fn a_description_fits_into_what_config_takes_and_into_plain_yaml() {
    for entry in RULES {
        let title = entry.meta.title();
        // AWS Config API reference, ConfigRule: at most 256 characters.
        assert!(title.len() < 250, "{title}");
        assert!(
            !title.contains(": ") && !title.contains(" #") && !title.starts_with(['`', '*', '&', '!']),
            "{title}"
        );
    }
}
