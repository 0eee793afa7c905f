use serde::{Serialize, Serializer, ser::SerializeMap as _};
use shared::policy::Malformed;
use shared::policy::analysis::{IdentityReport, PolicyReport, TrustReport};

/// What comes back for one document.
#[derive(Debug)]
pub(super) enum Answer {
    /// For a policy of a user, group or role.
    Identity(IdentityReport),
    /// For a trust policy.
    Trust(TrustReport),
    /// For any other.
    Other(PolicyReport),
    /// For a document that cannot be read: no verdict, which is neither good nor bad.
    Unreadable {
        /// The verdicts that there would be.
        verdicts: &'static [&'static str],
        /// Why there are none.
        malformed: Malformed,
    },
}

/// The verdicts on a policy of a user, group or role.
pub(super) const IDENTITY: &[&str] = &["admin", "fullAccess", "escalations", "tier"];
/// The verdicts on a trust policy.
pub(super) const TRUST: &[&str] = &[
    "public",
    "organizationOnly",
    "externalAccounts",
    "externalOrganization",
    "externalId",
    "serviceConfusedDeputy",
    "oidcAnySubject",
    "oidcWeakOperator",
    "anonymousFederation",
    "orphanPrincipals",
];

/// There is none on any other policy.
pub(super) const OTHER: &[&str] = &[];

impl Answer {
    pub(super) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable { .. })
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Identity(report) => report.serialize(serializer),
            Self::Trust(report) => report.serialize(serializer),
            Self::Other(report) => report.serialize(serializer),
            Self::Unreadable { verdicts, malformed } => {
                let mut map = serializer.serialize_map(None)?;
                for verdict in *verdicts {
                    map.serialize_entry(verdict, &())?;
                }
                map.serialize_entry("findings", &[(); 0])?;
                map.serialize_entry("errors", malformed)?;
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::policy::analysis::{Permissions, analyze_identity, analyze_policy};
    use shared::policy::{Policy, PolicyKind};

    use super::*;

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn what_cannot_be_read_has_the_keys_of_what_can_and_no_verdict() {
        let policy = Policy::parse(r#"{"Statement":[]}"#, PolicyKind::Identity).unwrap();
        for (verdicts, answer) in [
            (IDENTITY, Answer::Identity(analyze_identity(&Permissions::of(&policy)))),
            (TRUST, Answer::Trust(TrustReport::default())),
            (OTHER, Answer::Other(analyze_policy(&policy))),
        ] {
            let malformed = Malformed { faults: Vec::new() };
            let unreadable = serde_json::to_value(Answer::Unreadable { verdicts, malformed }).unwrap();
            assert_eq!(keys(&unreadable), keys(&serde_json::to_value(&answer).unwrap()));
            assert!(verdicts.iter().all(|verdict| unreadable[verdict] == Value::Null));
            assert_eq!(unreadable["findings"], json!([]));
        }
    }
}
