use shared::facts::{AccountIdentity, RoleIdentity, UserIdentity};
use shared::identifier::{AccountId, Arn, PolicyName, RoleName, UniqueId, UserName};
use shared::policy::PolicyDocument;

use super::*;
use crate::stand_in::{ACCOUNT, Asked, StandIn, run, xml, xml_error};

fn ann() -> UserIdentity {
    UserIdentity {
        account: AccountId::parse(ACCOUNT).unwrap(),
        name: UserName::parse("ann").unwrap(),
        unique_id: UniqueId::parse("AIDAEXAMPLEEXAMPLE000").unwrap(),
        arn: Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:user/ann")).unwrap(),
    }
}

fn detach() -> Step {
    Step::DetachUserPolicy { user: ann(), policy: Arn::parse("arn:aws:iam::aws:policy/ReadOnly").unwrap() }
}

fn attach() -> Step {
    Step::AttachUserPolicy { user: ann(), policy: Arn::parse("arn:aws:iam::aws:policy/ReadOnly").unwrap() }
}

fn answered(step: &Step, status: u16, code: &'static str) -> WriteError {
    let stand_in = StandIn::new(move |_, _| xml_error(status, code, "because"));
    run(IamWriter::new(&stand_in.sdk()).write(step)).unwrap_err()
}

#[test]
fn a_step_is_one_call_on_one_exact_thing() {
    let stand_in = StandIn::new(|asked, _| xml(&asked.action, ""));
    let writer = IamWriter::new(&stand_in.sdk());
    let key = AccessKeyId::parse("AKIAEXAMPLE000000001").unwrap();
    run(writer.write(&Step::DeactivateAccessKey { user: ann(), key })).unwrap();
    let document = PolicyDocument::new("{ \"a\": \"+%20\" }");
    let policy = PolicyName::parse("p+1").unwrap();
    run(writer.write(&Step::PutUserPolicy { user: ann(), policy, document })).unwrap();
    let asked = stand_in.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].body["AccessKeyId"], "AKIAEXAMPLE000000001");
    assert_eq!(asked[0].body["Status"], "Inactive");
    assert_eq!(asked[1].body["PolicyName"], "p+1");
    assert_eq!(asked[1].body["PolicyDocument"], "{ \"a\": \"+%20\" }");
}

#[test]
fn a_credential_of_each_kind_is_switched_by_its_own_call() {
    let stand_in = StandIn::new(|asked, _| xml(&asked.action, ""));
    let writer = IamWriter::new(&stand_in.sdk());
    let credential = || CredentialId::parse("ACCAEXAMPLEEXAMPLE001").unwrap();
    for kind in OtherCredentialKind::ALL {
        let (user, credential) = (ann(), credential());
        run(writer.write(&Step::DeactivateCredential { user, kind, credential })).unwrap();
    }
    let kind = OtherCredentialKind::SshPublicKey;
    run(writer.write(&Step::ActivateCredential { user: ann(), kind, credential: credential() })).unwrap();
    let calls = [
        ("UpdateSSHPublicKey", "SSHPublicKeyId", "Inactive"),
        ("UpdateServiceSpecificCredential", "ServiceSpecificCredentialId", "Inactive"),
        ("UpdateSigningCertificate", "CertificateId", "Inactive"),
        ("UpdateSSHPublicKey", "SSHPublicKeyId", "Active"),
    ];
    for (asked, (action, id, status)) in stand_in.asked().iter().zip(calls) {
        assert_eq!(asked.action, action);
        assert_eq!(asked.body["UserName"], "ann", "{action}");
        assert_eq!(asked.body[id], "ACCAEXAMPLEEXAMPLE001", "{action}");
        assert_eq!(asked.body["Status"], status, "{action}");
    }
    assert_eq!(stand_in.asked().len(), calls.len());
}

#[test]
fn a_role_is_told_its_trust_to_the_byte_or_its_duration_alone() {
    let stand_in = StandIn::new(|asked, _| xml(&asked.action, ""));
    let writer = IamWriter::new(&stand_in.sdk());
    let role = RoleIdentity {
        account: AccountId::parse(ACCOUNT).unwrap(),
        name: RoleName::parse("deployer").unwrap(),
        unique_id: UniqueId::parse("AROAEXAMPLEEXAMPLE000").unwrap(),
        arn: Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:role/deployer")).unwrap(),
    };
    let (document, replaces) = (PolicyDocument::new("{ \"a\": \"+%20\" }"), PolicyDocument::new("{}"));
    run(writer.write(&Step::UpdateAssumeRolePolicy { role: role.clone(), document, replaces })).unwrap();
    let step = Step::UpdateRoleMaxSessionDuration { role, seconds: 3_600, replaces: 43_200 };
    run(writer.write(&step)).unwrap();
    let asked = stand_in.asked();
    assert_eq!(
        (asked[0].action.as_str(), asked[1].action.as_str()),
        ("UpdateAssumeRolePolicy", "UpdateRole")
    );
    assert_eq!(asked[0].body["PolicyDocument"], "{ \"a\": \"+%20\" }");
    assert_eq!(asked[1].body["MaxSessionDuration"], "3600");
    // A description in the request, be it empty, would replace the role's own.
    assert!(asked[1].body.get("Description").is_none());
}

#[test]
fn a_password_policy_goes_with_all_nine_options_and_none_is_left_out() {
    let stand_in = StandIn::new(|asked, _| xml(&asked.action, ""));
    let writer = IamWriter::new(&stand_in.sdk());
    let account = AccountIdentity::new(&AccountId::parse(ACCOUNT).unwrap(), "aws").unwrap();
    let policy = PasswordPolicy {
        minimum_password_length: 14,
        max_password_age: Some(90),
        password_reuse_prevention: Some(24),
        ..PasswordPolicy::IN_PLACE_OF_NONE
    };
    let update =
        |policy, replaces| Step::UpdateAccountPasswordPolicy { account: account.clone(), policy, replaces };
    run(writer.write(&update(policy, None))).unwrap();
    run(writer.write(&update(PasswordPolicy::default(), Some(policy)))).unwrap();
    run(writer.write(&Step::DeleteAccountPasswordPolicy { account: account.clone(), policy })).unwrap();
    let said = |asked: &Asked| {
        let fields = asked.body.as_object().unwrap().iter();
        let fields = fields.filter(|(name, _)| !["Action", "Version"].contains(&name.as_str()));
        let mut said: Vec<_> =
            fields.map(|(name, value)| format!("{name} {}", value.as_str().unwrap())).collect();
        said.sort();
        said
    };
    let asked = stand_in.asked();
    assert_eq!(
        said(&asked[0]),
        [
            "AllowUsersToChangePassword false",
            "HardExpiry false",
            "MaxPasswordAge 90",
            "MinimumPasswordLength 14",
            "PasswordReusePrevention 24",
            "RequireLowercaseCharacters true",
            "RequireNumbers true",
            "RequireSymbols true",
            "RequireUppercaseCharacters true",
        ]
    );
    // IAM takes no 0 for them: what is left out is none.
    assert_eq!(said(&asked[1]).len(), 7);
    assert!(said(&asked[1]).contains(&"MinimumPasswordLength 6".to_owned()));
    assert_eq!(asked[2].action, "DeleteAccountPasswordPolicy");
    assert!(said(&asked[2]).is_empty());
}

#[test]
fn what_may_have_happened_is_uncertain() {
    for (status, code) in [
        (500, "ServiceFailure"),
        (503, "ServiceUnavailable"),
        (400, "Throttling"),
        (409, "EntityTemporarilyUnmodifiable"),
        (409, "ConcurrentModification"),
    ] {
        let error = answered(&attach(), status, code);
        assert!(matches!(error, WriteError::Uncertain(_)), "{code}: {error}");
    }
}

#[test]
fn what_surely_did_not_happen_is_refused_in_clear_words() {
    let error = answered(&attach(), 409, "LimitExceeded");
    let said = "a quota of IAM is used up (LimitExceeded: because)";
    assert_eq!(error, WriteError::QuotaUsedUp(said.to_owned()));
    for (code, said) in [
        ("UnmodifiableEntity", "only the AWS service that owns it can change it"),
        ("NoSuchEntity", "what the change is about does not exist"),
        ("MalformedPolicyDocument", "IAM does not accept the policy's text"),
    ] {
        let error = answered(&attach(), 409, code);
        assert_eq!(error, WriteError::Refused(format!("{said} ({code}: because)")));
    }
}

#[test]
fn a_denial_names_the_missing_action() {
    let error = answered(&detach(), 403, "AccessDenied");
    let message = "AccessDenied: because".to_owned();
    assert_eq!(error, WriteError::Denied { action: "iam:DetachUserPolicy", message });
}

#[test]
fn finding_nothing_to_take_away_is_for_the_reading_back_to_judge() {
    let error = answered(&detach(), 404, "NoSuchEntity");
    assert!(matches!(error, WriteError::Uncertain(_)), "{error}");
}
