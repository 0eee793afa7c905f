use serde_json::Value;

use super::{Cast, Lot, Person, PersonKind};
use crate::simulator::dice::Dice;

/// The sample events with their names.
macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../events/detect-threats/", $name, ".json")))),*]
    };
}

pub(crate) const SAMPLES: &[(&str, &str)] = samples![
    "access-analyzer-bucket",
    "access-analyzer-deleted",
    "access-analyzer-error",
    "access-analyzer-external",
    "access-analyzer-internal",
    "access-analyzer-unused-key",
    "cloudtrail-admin-policy-attached",
    "cloudtrail-admin-written-as-a-version",
    "cloudtrail-admin-written-inline",
    "cloudtrail-bailiff-forwarder-deleted",
    "cloudtrail-bailiff-forwarder-disabled",
    "cloudtrail-bailiff-itself",
    "cloudtrail-bailiff-journal-shared",
    "cloudtrail-bailiff-mapping-disabled",
    "cloudtrail-bailiff-pretended",
    "cloudtrail-bailiff-schedule-disabled",
    "cloudtrail-boundary-removed",
    "cloudtrail-boundary-replaced",
    "cloudtrail-by-a-federated-session",
    "cloudtrail-by-a-service",
    "cloudtrail-by-a-session-of-root",
    "cloudtrail-dead-key-tried",
    "cloudtrail-denied",
    "cloudtrail-detector-disabled",
    "cloudtrail-failed",
    "cloudtrail-federation-token",
    "cloudtrail-group-joined",
    "cloudtrail-identities-not-recorded",
    "cloudtrail-key-made-for-another",
    "cloudtrail-key-made-in-the-console",
    "cloudtrail-key-switched-on-by-another",
    "cloudtrail-mfa-put-on-another",
    "cloudtrail-mfa-taken-from-another",
    "cloudtrail-oidc-provider-made",
    "cloudtrail-organization-left",
    "cloudtrail-organization-policy-detached",
    "cloudtrail-own-policy-attached",
    "cloudtrail-parameters-omitted",
    "cloudtrail-password-made-for-another",
    "cloudtrail-policy-document-hidden",
    "cloudtrail-policy-version-switched",
    "cloudtrail-quarantine-lifted",
    "cloudtrail-quarantine-tag-set",
    "cloudtrail-quarantine-tag-taken-off",
    "cloudtrail-read",
    "cloudtrail-recorder-narrowed",
    "cloudtrail-recorder-stopped",
    "cloudtrail-role-created",
    "cloudtrail-role-created-behind-padding",
    "cloudtrail-roles-anywhere-profile-made",
    "cloudtrail-root-of-member-assumed",
    "cloudtrail-root-password-not-changed",
    "cloudtrail-root-sign-in-failed",
    "cloudtrail-root-signed-in",
    "cloudtrail-root-task",
    "cloudtrail-root-through-a-service",
    "cloudtrail-root-used",
    "cloudtrail-saml-provider-made",
    "cloudtrail-session-token",
    "cloudtrail-through-cloudformation",
    "cloudtrail-trail-narrowed",
    "cloudtrail-trail-of-data-alone",
    "cloudtrail-trust-anchor-made",
    "cloudtrail-trust-anchor-not-enabled",
    "cloudtrail-trust-opened",
    "config-rule-about-a-bucket",
    "config-rule-compliant",
    "config-rule-of-a-conformance-pack",
    "config-rule-of-aws",
    "config-rule-of-bailiff",
    "config-rule-of-security-hub",
    "guardduty-archived",
    "guardduty-attack-sequence-by-a-key",
    "guardduty-attack-sequence",
    "guardduty-federated-user",
    "guardduty-instance-credentials",
    "guardduty-instance",
    "guardduty-other-account",
    "guardduty-root",
    "guardduty-sample",
    "guardduty-updated",
    "guardduty-user",
    "guardduty-without-a-name",
    "health-closed",
    "health-exposure-suspected",
    "health-key-beside-the-entities",
    "health-key-compromised",
    "health-key-exposed",
    "health-no-key-named",
    "health-other-event",
    "health-quarantined-by-aws",
    "health-several-keys",
    "macie-bucket-opened",
    "macie-by-another-account",
    "macie-classic-alert",
    "macie-sample",
    "macie-sensitive-data",
    "security-hub-account",
    "security-hub-bait-taken",
    "security-hub-control-failed",
    "security-hub-control-passed",
    "security-hub-custom-action",
    "security-hub-imported-guardduty",
    "security-hub-suppressed",
    "security-hub-v2-control-failed",
    "security-hub-v2-detected",
    "security-hub-v2-exposure",
    "trusted-advisor-exposed",
    "trusted-advisor-other-check",
    "trusted-advisor-resolved",
    "trusted-advisor-suspected",
];

/// Who takes the places of those in the samples.
#[derive(Clone, Copy)]
pub(crate) struct Roles<'a> {
    /// Of `noor.rahimi`, to whom things happen.
    pub(crate) target: &'a Person,
    /// Of `contractor.dlamini`, who does them.
    pub(crate) caller: &'a Person,
    /// Of the roles.
    pub(crate) role: &'a Person,
}

impl<'a> Roles<'a> {
    /// Any of these lots, each for itself.
    pub(crate) fn any(cast: &'a Cast, dice: &mut Dice, lots: &[Lot]) -> Self {
        let mut one = |kind| {
            let lot = dice.one(lots).copied().unwrap_or(Lot::Shut);
            cast.one(dice, lot, kind)
        };
        Self { target: one(PersonKind::User), caller: one(PersonKind::User), role: one(PersonKind::Role) }
    }
}

/// A sample about others than those it was written of.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) event: Value,
}

/// That sample.
pub(crate) fn sample(name: &str, roles: Roles<'_>) -> Sample {
    let found = SAMPLES.iter().find(|(known, _)| *known == name);
    let (name, text) = found.copied().unwrap_or_else(|| unreachable!("there is no sample `{name}`"));
    about(name, text, roles)
}

/// Any of them.
pub(crate) fn any_sample(dice: &mut Dice, roles: Roles<'_>) -> Sample {
    let (name, text) = dice.one(SAMPLES).copied().unwrap_or_default();
    about(name, text, roles)
}

fn about(name: &'static str, text: &str, roles: Roles<'_>) -> Sample {
    let Roles { target, caller, role } = roles;
    let key = |person: &Person, number: usize| {
        let key = person.keys.get(number).or(person.keys.first());
        key.map_or("AKIAQ2XH7WMRNOBODYS1", |key| key.as_str()).to_owned()
    };
    let text = text
        .replace("user/staff/contractor.dlamini", &caller.resource())
        .replace("contractor.dlamini", &caller.name)
        .replace("AIDAQ2XH7WMR4HRY6FAQP", caller.id.as_str())
        .replace("AKIAQ2XH7WMRDLAMINI1", &key(caller, 0))
        .replace("AKIAQ2XH7WMRDLAMINI2", &key(caller, 1))
        .replace("user/noor.rahimi", &target.resource())
        .replace("noor.rahimi", &target.name)
        .replace("AIDAQ2XH7WMR6CKO4TJFX", target.id.as_str())
        .replace("AKIAQ2XH7WMRNOORNEW1", &key(target, 0))
        .replace("AKIAQ2XH7WMRNOOROLD1", &key(target, 0))
        .replace("AKIAQ2XH7WMRNOORNEW2", &key(target, 1));
    let text = ["depot-operations", "parcel-tracker", "dock-planner"].iter().fold(text, |text, sampled| {
        text.replace(&format!("role/{sampled}"), &role.resource()).replace(sampled, &role.name)
    });
    let text = ["AROAQ2XH7WMR3OPSWX2KD", "AROAQ2XH7WMR4VJHC6XSG", "AROAQ2XH7WMR2DOCKPLAN"]
        .iter()
        .fold(text, |text, sampled| text.replace(sampled, role.id.as_str()));
    let event = serde_json::from_str(&text).unwrap_or_else(|error| unreachable!("{name}: {error}"));
    Sample { name, event }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sample_is_forged_too() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/detect-threats");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files: BTreeSet<String> =
            files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        let known: BTreeSet<String> = SAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(known, files);
    }

    #[test]
    fn nobody_of_the_samples_is_left_in_what_is_made_of_them() {
        let mut dice = Dice::of("test", 1);
        let cast = Cast::of(&mut dice);
        let roles = Roles::any(&cast, &mut dice, &[Lot::Open]);
        for (name, _) in SAMPLES {
            let text = sample(name, roles).event.to_string();
            for sampled in
                ["noor", "dlamini", "depot-operations", "parcel-tracker", "AIDAQ2", "AKIAQ2XH7WMRNOOR"]
            {
                assert!(!text.contains(sampled), "{name}: {sampled}");
            }
        }
    }
}
