use super::Finding;
use crate::policy::{Comparison, Policy, Version};

/// Values with a `*` under an operator that takes it literally, so that they match nothing.
///
/// Source: IAM User Guide, "String condition operators": only `StringLike` and `StringNotLike` know wildcards.
pub fn exact_match_wildcards(policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, statement) in policy.statements.iter().enumerate() {
        for condition in statement.conditions.iter().filter(|c| is_exact(c.operator.comparison)) {
            for (position, value) in condition.values.iter().enumerate() {
                if has_star(value, policy.version) {
                    let message = format!(
                        "`{}` takes the `*` literally, so this value matches nothing; use `{}`",
                        condition.operator,
                        if condition.operator.comparison.is_negated() {
                            "StringNotLike"
                        } else {
                            "StringLike"
                        },
                    );
                    let at = condition.place(index).index(position);
                    findings.push(Finding::new("policy-exact-match-wildcard", at, message));
                }
            }
        }
    }
    findings
}

pub(super) fn is_exact(comparison: Comparison) -> bool {
    matches!(comparison.positive(), Comparison::StringEquals)
        || matches!(comparison, Comparison::StringEqualsIgnoreCase | Comparison::StringNotEqualsIgnoreCase)
}

/// `${*}` is the star itself, asked for on purpose.
fn has_star(value: &str, version: Version) -> bool {
    if version.has_variables() { value.replace("${*}", "").contains('*') } else { value.contains('*') }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyKind;

    #[test]
    fn a_star_under_an_exact_operator_is_pointed_out_with_its_place() {
        let policy = Policy::parse(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{
                "StringEquals":{"aws:PrincipalArn":["x","arn:aws:iam::111122223333:role/*"],"k":"${*}"},
                "StringLike":{"aws:PrincipalArn":"*"},"ArnEquals":{"aws:PrincipalArn":"*"},
                "ForAnyValue:StringNotEqualsIfExists":{"aws:TagKeys":"team-*"}}}}"#,
            PolicyKind::Identity,
        )
        .unwrap();
        let findings = exact_match_wildcards(&policy);
        let places: Vec<&str> = findings.iter().map(|finding| finding.at.as_str()).collect();
        assert_eq!(
            places,
            [
                "Statement[0].Condition.StringEquals.aws:PrincipalArn[1]",
                "Statement[0].Condition.ForAnyValue:StringNotEqualsIfExists.aws:TagKeys[0]"
            ]
        );
        assert!(findings[1].message.ends_with("use `StringNotLike`"));
    }

    #[test]
    fn without_variables_a_star_in_braces_is_a_star() {
        let policy = Policy::parse(
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"k":"${*}"}}}}"#,
            PolicyKind::Identity,
        )
        .unwrap();
        assert_eq!(exact_match_wildcards(&policy).len(), 1);
    }
}
