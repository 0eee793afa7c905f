use super::super::said::shortened;
use crate::event::error::EventError;
use crate::event::field::Field;

/// The control that found it, such as `SecurityHub:IAM.3`, or `CIS-3.0:1.14` where Security Hub counts a standard's own
/// numbers.
pub(super) fn of(finding: &Field<'_>) -> Result<Option<String>, EventError> {
    let consolidated = finding.get("Compliance")?.under("SecurityControlId")?.text_if_any()?;
    let product = finding.get("ProductFields")?;
    let generator = finding.get("GeneratorId")?.text_if_any()?.unwrap_or_default();
    let id = match consolidated {
        Some(id) => Some(id),
        None => product.under("ControlId")?.text_if_any()?,
    };
    let last = generator.rsplit('/').next().unwrap_or_default();
    Ok(match id {
        Some(id) if is_control(id) => Some(security_hub(id)),
        _ if is_control(last) => Some(security_hub(last)),
        // Of a third party, or of CIS's benchmark under its own number.
        _ => cis(generator, product.under("RuleId")?.text_if_any()?.or(id)),
    })
}

/// A control by its number alone, such as `IAM.3`.
pub(super) fn numbered(id: &str) -> Option<String> {
    is_control(id).then(|| security_hub(id))
}

fn security_hub(id: &str) -> String {
    shortened(&format!("SecurityHub:{id}"))
}

/// Such as `IAM.3`: letters and digits, a point, a number.
fn is_control(id: &str) -> bool {
    let parts = id.split_once('.');
    parts.is_some_and(|(service, number)| {
        service.starts_with(|c: char| c.is_ascii_alphabetic())
            && service.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && number.parse::<u16>().is_ok()
    })
}

/// In `cis-aws-foundations-benchmark/v/3.0.0/1.14`, or `…/v/1.2.0/rule/1.4` as the oldest is written.
fn cis(generator: &str, number: Option<&str>) -> Option<String> {
    let (_, rest) = generator.split_once("cis-aws-foundations-benchmark/v/")?;
    let mut parts = rest.split('/');
    let version = parts.next()?;
    let version = version.strip_suffix(".0").unwrap_or(version);
    let number = number.or_else(|| rest.rsplit('/').next().filter(|last| *last != version))?;
    Some(shortened(&format!("CIS-{version}:{number}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn control(finding: &Value) -> Option<String> {
        of(&Field::at("", finding)).unwrap()
    }

    #[test]
    fn a_control_is_known_wherever_it_stands() {
        for (finding, expected) in [
            (
                json!({ "Compliance": { "SecurityControlId": "IAM.3" }, "GeneratorId": "security-control/IAM.3" }),
                Some("SecurityHub:IAM.3"),
            ),
            (json!({ "Compliance": {}, "GeneratorId": "security-control/IAM.3" }), Some("SecurityHub:IAM.3")),
            (
                json!({ "Compliance": {}, "GeneratorId": "aws-foundational-security-best-practices/v/1.0.0/IAM.3",
                    "ProductFields": { "ControlId": "IAM.3" } }),
                Some("SecurityHub:IAM.3"),
            ),
            (
                json!({ "Compliance": {}, "GeneratorId": "cis-aws-foundations-benchmark/v/3.0.0/1.14",
                    "ProductFields": { "ControlId": "1.14" } }),
                Some("CIS-3.0:1.14"),
            ),
            (
                json!({ "Compliance": {}, "ProductFields": { "RuleId": "1.4" },
                    "GeneratorId": "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/1.4" }),
                Some("CIS-1.2:1.4"),
            ),
            (json!({ "Compliance": {}, "GeneratorId": "larkfield-scanner-7" }), None),
            (json!({ "Compliance": {} }), None),
        ] {
            assert_eq!(control(&finding).as_deref(), expected, "{finding}");
        }
    }
}
