//! The sample events of `events/`, inside the binary, so that the demo runs anywhere.

/// A sample event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Its path below `events/`, without `.json`.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

macro_rules! samples {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(Sample {
            name: concat!($folder, "/", $name),
            text: include_str!(concat!("../../events/", $folder, "/", $name, ".json")),
        }),+]
    };
}

/// What AWS Config says of changes, in the order in which it said it.
pub(crate) const CHANGES: &[Sample] = samples!["evaluate-changes":
    "user-inline-policy-percent-encoded",
    "user-inline-policy-plain-text",
    "user-inline-policy-object",
    "user-inline-policy-array",
    "user-inline-policy-plus-sign",
    "user-inline-policies-and-attachment",
    "user-null-lists",
    "user-re-evaluated",
    "user-rule-without-parameters",
    "user-without-evaluation-mode",
    "user-proactive",
    "user-message-as-object",
    "user-discovered",
    "user-deleted",
    "user-deleted-not-recorded",
    "user-not-recorded",
    "user-left-scope",
    "user-oversized",
    "role-oversized-without-name",
    "user-attached-policy",
    "user-quarantined-by-aws",
    "user-break-glass",
    "user-old-item",
    "role",
    "group",
    "policy",
    "server-certificate",
    "saml-provider",
    "oidc-provider",
];

/// Of accounts in other partitions of AWS than the demo's.
pub(crate) const OTHER_PARTITIONS: &[Sample] = samples!["evaluate-changes": "user-govcloud", "user-china"];

/// Schedules that start one rule over the whole account.
pub(crate) const SCHEDULES: &[Sample] = samples!["evaluate-account":
    "access-key-age",
    "access-key-unused",
    "user-second-active-key",
    "console-user-without-mfa",
    "user-unused",
    "password-policy",
    "support-role-missing",
    "snapshot-delivered",
];

/// Schedules that start the sweep by all rules.
pub(crate) const SWEEPS: &[Sample] = samples!["evaluate-account": "reconcile-without-version", "reconcile"];

/// What nobody can act upon.
pub(crate) const MALFORMED: &[Sample] = samples!["malformed":
    "message-not-json",
    "message-cut-off",
    "message-nested-too-deep",
    "message-absent",
    "message-an-array",
    "message-type-unknown",
    "result-token-absent",
    "account-not-twelve-digits",
    "evaluation-mode-unknown",
    "left-scope-a-word",
    "rule-parameters-a-list",
    "rule-parameter-an-object",
    "item-absent",
    "status-unknown",
    "capture-time-unreadable",
    "configuration-null",
    "user-name-absent",
    "user-name-forged",
    "policy-list-a-word",
    "policy-name-absent",
    "attachment-without-arn",
    "two-principals",
    "oversized-without-capture-time",
    "schedule-without-time",
    "source-unsupported",
    "reconcile-without-account",
    "records-of-a-queue",
    "not-an-object",
    "empty",
];

impl Sample {
    /// Its file's name, without `.json`.
    pub(crate) fn title(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_event_of_the_folder_is_inside_and_none_twice() {
        let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
        let mut files = BTreeSet::new();
        for folder in std::fs::read_dir(&events).unwrap() {
            let folder = folder.unwrap().path();
            // The courier's, the directory's and the detectors' events are none of the demo's.
            let others = ["deliver-notices", "receive-directory-change", "detect-threats"];
            if !folder.is_dir() || others.iter().any(|other| folder.ends_with(other)) {
                continue;
            }
            for file in std::fs::read_dir(&folder).unwrap() {
                let path = file.unwrap().path();
                let name = path.strip_prefix(&events).unwrap().with_extension("");
                files.insert(name.to_str().unwrap().replace('\\', "/"));
            }
        }
        let inside: Vec<String> = [CHANGES, OTHER_PARTITIONS, SCHEDULES, SWEEPS, MALFORMED]
            .concat()
            .iter()
            .map(|sample| sample.name.to_owned())
            .collect();
        let unique: BTreeSet<String> = inside.iter().cloned().collect();
        assert_eq!(unique, files);
        assert_eq!(unique.len(), inside.len());
    }
}
