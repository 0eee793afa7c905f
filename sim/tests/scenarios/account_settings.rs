//! The account itself, its certificates and its identity providers, in a sweep.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::engine::{Decision, Judged};
use shared::facts::Read;
use sim::{AccountFile, Fault, Operation, Times};

use crate::fixture::*;

/// A verdict's word and what is found, by rule, of all that is no principal.
fn verdicts(decisions: Vec<Decision>) -> BTreeMap<String, String> {
    let judged = decisions.into_iter().filter_map(|decision| match decision {
        Decision::Judged { rule, resource, judged, .. } if resource.principal().is_none() => Some((
            rule.to_string(),
            match judged {
                Judged::Compliant => "compliant".to_owned(),
                Judged::NonCompliant { annotation } => annotation,
                Judged::Exempt { ticket, .. } => format!("exempt under {ticket}"),
                Judged::NotApplicable { why } => why,
                Judged::Unknown { unread } => format!("unknown: {}", unread.read),
            },
        )),
        _ => None,
    });
    judged.collect()
}

fn swept(file: AccountFile, rest: &str) -> BTreeMap<String, String> {
    let local = local(file, all_rules("audit", rest));
    verdicts(sweep(&local).decisions)
}

fn of(parts: Value) -> BTreeMap<String, String> {
    swept(account(parts), "")
}

#[test]
fn a_new_account_lacks_what_aws_gives_nobody_by_itself() {
    let verdicts = of(json!({ "accountSettings": {} }));
    let said = |rule: &str| verdicts[rule].as_str();
    assert_eq!(said("root-access-key"), "compliant");
    assert_eq!(said("root-mfa"), "the root user has no MFA device");
    assert_eq!(said("root-hardware-mfa"), "the root user has no MFA device at all");
    assert_eq!(said("root-used"), "compliant");
    assert_eq!(said("password-policy"), "nobody has set a password policy");
    assert!(said("support-role-missing").ends_with("has AWSSupportAccess"));
    assert!(said("access-analyzer-off").starts_with("no external access analyzer"));
    assert_eq!(said("security-contact-missing"), "there is no alternate contact for security");
    assert_eq!(said("too-many-users"), "compliant");
    assert_eq!(said("too-many-keys"), "compliant");
}

#[test]
fn a_well_kept_account_keeps_every_rule() {
    let verdicts = of(json!({
        "accountSettings": {
            "root": {"mfaDevices": ["arn:aws:iam::111122223333:u2f/root-account/desk"], "passwordLastUsed": ago(31)},
            "passwordPolicy": {
                "minimumPasswordLength": 14, "requireSymbols": true, "requireNumbers": true,
                "requireUppercaseCharacters": true, "requireLowercaseCharacters": true, "maxPasswordAge": 90,
                "passwordReusePrevention": 24
            },
            "analyzers": [{"name": "all", "type": "ACCOUNT", "status": "ACTIVE"}],
            "securityContact": true
        },
        "roles": [{
            "name": "support", "attachedPolicies": ["arn:aws:iam::aws:policy/AWSSupportAccess"],
            "trust": {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"
            }]}
        }],
        "serverCertificates": [{"name": "shop", "expires": "2028-01-01T00:00:00Z", "tags": {"owner": "ann"}}],
        "identityProviders": [{"name": "office", "type": "saml", "tags": {"owner": "ann"}}]
    }));
    let broken: Vec<_> = verdicts.iter().filter(|(_, said)| *said != "compliant").collect();
    assert_eq!(broken, Vec::<(&String, &String)>::new());
    assert!(verdicts.contains_key("identity-provider-tags") && verdicts.contains_key("support-role-missing"));
}

#[test]
fn certificates_and_providers_are_judged_one_by_one() {
    let verdicts = of(json!({
        "serverCertificates": [{"name": "shop", "expires": ago(1)}],
        "identityProviders": [{"name": "token.actions.githubusercontent.com", "type": "oidc"}]
    }));
    assert_eq!(verdicts["server-certificate-expired"], "it expired on 2026-11-21");
    assert_eq!(verdicts["server-certificate-expiring"], "compliant");
    assert_eq!(verdicts["server-certificate-tags"], "it has no tag");
    assert_eq!(verdicts["identity-provider-tags"], "it has no tag");
    // The file tells of no settings, so nothing is said of the account.
    assert!(!verdicts.contains_key("root-mfa"));
}

#[test]
fn an_exemption_names_the_account_by_its_root_user() {
    let exemption = "exemptions:\n  - rule: root-mfa\n    resource: arn:aws:iam::111122223333:root\n    ticket: SEC-1\n    \
                     owner: ann\n    approver: bob\n    reason: the keys are in the post\n    created: 2026-11-01\n    \
                     expires: 2026-12-01\n";
    let verdicts = swept(account(json!({ "accountSettings": {} })), exemption);
    assert_eq!(verdicts["root-mfa"], "exempt under SEC-1");
}

#[test]
fn a_read_that_fails_leaves_the_rules_that_need_it_open_and_no_other() {
    let local = local(account(json!({ "accountSettings": {} })), all_rules("audit", ""));
    local.world.fail(Operation::Read(Read::GetAccountSummary), Fault::Denied, Times::Always);
    let verdicts = verdicts(sweep(&local).decisions);
    for rule in ["root-access-key", "root-mfa", "root-hardware-mfa", "too-many-users"] {
        assert_eq!(verdicts[rule], "unknown: iam:GetAccountSummary", "{rule}");
    }
    assert_eq!(verdicts["password-policy"], "nobody has set a password policy");
}
