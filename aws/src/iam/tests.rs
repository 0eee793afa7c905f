use jiff::Timestamp;
use shared::facts::{
    AccountIdentity, KeyStatus, ManagedPolicy, PasswordPolicy, PolicyIdentity, ResourceType, User,
    UserIdentity, WhyUnread,
};
use shared::identifier::{Arn, PolicyName, UniqueId, UserName};

use super::*;
use crate::stand_in::{ACCOUNT, Answer, Asked, StandIn, run, xml, xml_error};

fn iam(stand_in: &StandIn) -> Iam {
    Iam::new(&stand_in.sdk(), AccountId::parse(ACCOUNT).unwrap())
}

fn ann() -> ResourceName {
    ResourceName::User(UserName::parse("ann").unwrap())
}

fn unread_ann() -> Resource {
    let arn = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:user/ann")).unwrap();
    Resource::from(User::unread(UserIdentity {
        account: AccountId::parse(ACCOUNT).unwrap(),
        name: UserName::parse("ann").unwrap(),
        unique_id: UniqueId::parse("AIDAEXAMPLEEXAMPLE000").unwrap(),
        arn,
    }))
}

/// Reads needs of ann and gives back what is known of her then.
fn refreshed(stand_in: &StandIn, needs: &[Need]) -> User {
    let mut resource = unread_ann();
    run(iam(stand_in).refresh(&mut resource, &needs.iter().copied().collect()));
    match resource {
        Resource::Entity(Entity::User(user)) => *user,
        _ => unreachable!(),
    }
}

fn user_of(account: &str) -> Answer {
    xml(
        "GetUser",
        &format!(
            "<User><Path>/</Path><UserName>ann</UserName><UserId>AIDAEXAMPLEEXAMPLE000</UserId>\
             <Arn>arn:aws:iam::{account}:user/ann</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></User>"
        ),
    )
}

fn page(action: &str, list: &str, items: &str, marker: Option<&str>) -> Answer {
    let more = marker.map_or_else(
        || "<IsTruncated>false</IsTruncated>".to_owned(),
        |marker| format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>"),
    );
    xml(action, &format!("<{list}>{items}</{list}>{more}"))
}

fn names(names: &[&str]) -> String {
    ["<member>", &names.join("</member><member>"), "</member>"].concat()
}

#[test]
fn a_user_is_found_with_what_get_user_tells() {
    let stand_in = StandIn::new(|_, _| user_of(ACCOUNT));
    let Some(Resource::Entity(Entity::User(user))) = run(iam(&stand_in).find(&ann())).unwrap() else {
        panic!()
    };
    assert_eq!(user.created, Fact::Known("2026-01-02T03:04:05Z".parse::<Timestamp>().unwrap()));
    assert_eq!((user.boundary, user.password_last_used), (Fact::Absent, Fact::Absent));
    assert_eq!(user.tags, Fact::Known(std::collections::BTreeMap::new()));
    assert!(user.access_keys.is_unknown() && user.inline_policies.is_unknown());
}

#[test]
fn nobody_is_not_an_error_and_an_error_is_not_nobody() {
    let stand_in = StandIn::new(|_, _| xml_error(404, "NoSuchEntity", "no"));
    assert_eq!(run(iam(&stand_in).find(&ann())), Ok(None));
    for (status, code, why) in [
        (400, "Throttling", WhyUnread::Throttled),
        (500, "ServiceFailure", WhyUnread::Throttled),
        (403, "AccessDenied", WhyUnread::Denied),
        (403, "InvalidClientTokenId", WhyUnread::Failed),
    ] {
        let stand_in = StandIn::new(move |_, _| xml_error(status, code, "AKIAIOSFODNN7EXAMPLE may not"));
        let unread = run(iam(&stand_in).find(&ann())).unwrap_err();
        assert_eq!((unread.read, unread.why), (Read::GetUser, why), "{code}");
        assert_eq!(unread.detail, format!("{code}: …MPLE may not"));
    }
}

#[test]
fn nobody_answering_is_worth_another_try() {
    let sdk = StandIn::new(|_, _| (200, String::new())).sdk();
    let sdk = sdk.into_builder().endpoint_url("http://127.0.0.1:1").build();
    let iam = Iam::new(&sdk, AccountId::parse(ACCOUNT).unwrap());
    assert_eq!(run(iam.find(&ann())).unwrap_err().why, WhyUnread::Throttled);
}

fn unread_policy() -> Resource {
    let arn = Arn::parse(&format!("arn:aws:iam::{ACCOUNT}:policy/team")).unwrap();
    Resource::from(ManagedPolicy::unread(PolicyIdentity {
        account: AccountId::parse(ACCOUNT).unwrap(),
        name: PolicyName::parse("team").unwrap(),
        unique_id: UniqueId::parse("ANPAEXAMPLEEXAMPLE000").unwrap(),
        arn,
    }))
}

/// Who has the policy, as the wire tells it: their paths and names.
fn holders(stand_in: &StandIn) -> Result<Vec<String>, Unread> {
    let mut policy = unread_policy();
    run(iam(stand_in).refresh(&mut policy, &[Need::Holders].into()));
    let holders = policy.holders().unwrap().known().map_err(Clone::clone)?;
    Ok(holders.unwrap().iter().map(|holder| holder.arn().resource().to_owned()).collect())
}

fn group_of(members: &str) -> Answer {
    let group = format!(
        "<Group><Path>/</Path><GroupName>ops</GroupName><GroupId>AGPAEXAMPLEEXAMPLE000</GroupId>\
         <Arn>arn:aws:iam::{ACCOUNT}:group/ops</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></Group>"
    );
    xml("GetGroup", &format!("{group}<Users>{members}</Users><IsTruncated>false</IsTruncated>"))
}

#[test]
fn who_has_a_policy_is_told_by_name_and_looked_up_with_its_path() {
    let bob = format!(
        "<member><Path>/safe/</Path><UserName>bob</UserName><UserId>AIDAEXAMPLEEXAMPLE111</UserId>\
         <Arn>arn:aws:iam::{ACCOUNT}:user/safe/bob</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></member>"
    );
    let stand_in = StandIn::new(move |asked, count| match (asked.action.as_str(), count) {
        ("ListEntitiesForPolicy", 0) => xml(
            "ListEntitiesForPolicy",
            "<PolicyGroups><member><GroupName>ops</GroupName></member></PolicyGroups><PolicyRoles/>\
             <PolicyUsers/><IsTruncated>true</IsTruncated><Marker>one</Marker>",
        ),
        ("ListEntitiesForPolicy", _) => xml(
            "ListEntitiesForPolicy",
            "<PolicyGroups/><PolicyRoles><member><RoleName>gone</RoleName></member></PolicyRoles>\
             <PolicyUsers><member><UserName>ann</UserName></member></PolicyUsers>\
             <IsTruncated>false</IsTruncated>",
        ),
        ("GetGroup", _) => group_of(&bob),
        ("GetRole", _) => xml_error(404, "NoSuchEntity", "no"),
        _ => user_of(ACCOUNT),
    });
    assert_eq!(holders(&stand_in).unwrap(), ["user/ann", "user/safe/bob", "group/ops"]);
}

#[test]
fn a_holder_that_cannot_be_looked_up_leaves_them_all_unknown() {
    let listed = "<PolicyGroups/><PolicyRoles><member><RoleName>deployer</RoleName></member></PolicyRoles>\
                  <PolicyUsers/><IsTruncated>false</IsTruncated>";
    for (failing, read) in
        [("GetRole", Read::GetRole), ("ListEntitiesForPolicy", Read::ListEntitiesForPolicy)]
    {
        let stand_in = StandIn::new(move |asked, _| match asked.action.as_str() {
            action if action == failing => xml_error(403, "AccessDenied", "no"),
            action => xml(action, listed),
        });
        let unread = holders(&stand_in).unwrap_err();
        assert_eq!((unread.read, unread.why), (read, WhyUnread::Denied));
    }
}

#[test]
fn a_user_of_another_account_is_not_believed() {
    let stand_in = StandIn::new(|_, _| user_of("444455556666"));
    let unread = run(iam(&stand_in).find(&ann())).unwrap_err();
    assert_eq!(unread.why, WhyUnread::Failed);
    assert!(unread.detail.starts_with("the answer is about 444455556666"), "{}", unread.detail);
}

#[test]
fn every_page_is_read_empty_ones_too() {
    let stand_in = StandIn::new(|asked, count| match (asked.action.as_str(), count) {
        ("ListUserPolicies", 0) => page("ListUserPolicies", "PolicyNames", "", Some("one")),
        ("ListUserPolicies", 1) => page("ListUserPolicies", "PolicyNames", &names(&["a", "b"]), Some("two")),
        ("ListUserPolicies", _) => page("ListUserPolicies", "PolicyNames", "", None),
        _ => policy(asked, "%7B%22a%22%3A%22%2B+%20%22%7D"),
    });
    let user = refreshed(&stand_in, &[Need::InlinePolicies]);
    let policies = user.inline_policies.list().unwrap();
    assert_eq!(policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(policies[0].document.as_str(), r#"{"a":"++ "}"#);
    let markers: Vec<_> = stand_in.asked().iter().take(3).map(|asked| asked.body["Marker"].clone()).collect();
    assert_eq!(markers, [serde_json::Value::Null, "one".into(), "two".into()]);
}

fn policy(asked: &Asked, document: &str) -> Answer {
    let name = asked.body["PolicyName"].as_str().unwrap();
    xml(
        "GetUserPolicy",
        &format!(
            "<UserName>ann</UserName><PolicyName>{name}</PolicyName>\
             <PolicyDocument>{document}</PolicyDocument>"
        ),
    )
}

#[test]
fn a_listing_that_fails_half_way_tells_nothing() {
    let stand_in = StandIn::new(|_, count| match count {
        0 => page("ListUserPolicies", "PolicyNames", &names(&["a"]), Some("one")),
        _ => xml_error(400, "Throttling", "Rate exceeded"),
    });
    let user = refreshed(&stand_in, &[Need::InlinePolicies]);
    assert_eq!(user.inline_policies.list().unwrap_err().why, WhyUnread::Throttled);
}

#[test]
fn a_cut_listing_that_does_not_go_on_tells_nothing() {
    for marker in ["", "same"] {
        let stand_in =
            StandIn::new(move |_, _| page("ListUserPolicies", "PolicyNames", &names(&["a"]), Some(marker)));
        let user = refreshed(&stand_in, &[Need::InlinePolicies]);
        assert_eq!(user.inline_policies.list().unwrap_err().why, WhyUnread::Failed, "{marker}");
    }
}

#[test]
fn a_policy_that_vanishes_has_the_listing_made_again() {
    let stand_in = StandIn::new(|asked, count| match (asked.action.as_str(), count) {
        ("ListUserPolicies", 0) => page("ListUserPolicies", "PolicyNames", &names(&["gone", "b"]), None),
        ("ListUserPolicies", _) => page("ListUserPolicies", "PolicyNames", &names(&["b"]), None),
        _ if asked.body["PolicyName"] == "gone" => xml_error(404, "NoSuchEntity", "no"),
        _ => policy(asked, "%7B%7D"),
    });
    let user = refreshed(&stand_in, &[Need::InlinePolicies]);
    assert_eq!(user.inline_policies.list().unwrap().len(), 1);
}

#[test]
fn a_policy_that_is_listed_again_and_still_not_there_leaves_the_fact_unknown() {
    let stand_in = StandIn::new(|asked, _| match asked.action.as_str() {
        "ListUserPolicies" => page("ListUserPolicies", "PolicyNames", &names(&["gone"]), None),
        _ => xml_error(404, "NoSuchEntity", "no"),
    });
    let user = refreshed(&stand_in, &[Need::InlinePolicies]);
    assert!(user.inline_policies.list().unwrap_err().why.is_retryable());
    assert_eq!(stand_in.actions().iter().filter(|action| *action == "ListUserPolicies").count(), 2);
}

#[test]
fn keys_are_as_many_as_there_are_and_fail_one_by_one() {
    let key = |id: &str, status: &str| {
        format!(
            "<member><UserName>ann</UserName><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>\
             <CreateDate>2026-01-02T03:04:05Z</CreateDate></member>"
        )
    };
    let keys = [
        key("AKIAEXAMPLE000000001", "Active"),
        key("AKIAEXAMPLE000000002", "Inactive"),
        key("AKIAEXAMPLE000000003", "Active"),
    ]
    .concat();
    let stand_in = StandIn::new(move |asked, _| match asked.action.as_str() {
        "ListAccessKeys" => page("ListAccessKeys", "AccessKeyMetadata", &keys, None),
        _ => match asked.body["AccessKeyId"].as_str().unwrap() {
            "AKIAEXAMPLE000000001" => last_used("<LastUsedDate>2026-05-06T07:08:09Z</LastUsedDate>", "s3"),
            "AKIAEXAMPLE000000002" => last_used("", "N/A"),
            _ => xml_error(403, "AccessDenied", "no"),
        },
    });
    let user = refreshed(&stand_in, &[Need::AccessKeys, Need::AccessKeyLastUse]);
    let keys = user.access_keys.list().unwrap();
    let statuses: Vec<_> = keys.iter().map(|key| key.status).collect();
    assert_eq!(statuses, [KeyStatus::Active, KeyStatus::Inactive, KeyStatus::Active]);
    assert_eq!(keys[0].last_used.known().unwrap().unwrap().service, "s3");
    assert_eq!(keys[1].last_used, Fact::Absent);
    assert_eq!(keys[2].last_used.known().unwrap_err().why, WhyUnread::Denied);
    assert_eq!(stand_in.actions().iter().filter(|action| *action == "ListAccessKeys").count(), 1);
}

fn last_used(date: &str, service: &str) -> Answer {
    xml(
        "GetAccessKeyLastUsed",
        &format!(
            "<UserName>ann</UserName><AccessKeyLastUsed>{date}<ServiceName>{service}</ServiceName>\
             <Region>us-east-1</Region></AccessKeyLastUsed>"
        ),
    )
}

#[test]
fn no_console_password_is_an_answer_and_a_refusal_is_none() {
    let stand_in = StandIn::new(|_, _| xml_error(404, "NoSuchEntity", "no"));
    assert_eq!(refreshed(&stand_in, &[Need::LoginProfile]).login_profile, Fact::Absent);
    let stand_in = StandIn::new(|_, _| xml_error(403, "AccessDenied", "no"));
    assert!(refreshed(&stand_in, &[Need::LoginProfile]).login_profile.is_unknown());
}

#[test]
fn a_password_tells_whether_it_must_be_changed() {
    let profile = |reset: &'static str| {
        let stand_in = StandIn::new(move |_, _| {
            xml(
                "GetLoginProfile",
                &format!(
                    "<LoginProfile><UserName>ann</UserName><CreateDate>2026-01-02T03:04:05Z</CreateDate>{reset}\
                     </LoginProfile>"
                ),
            )
        });
        let user = refreshed(&stand_in, &[Need::LoginProfile]);
        user.login_profile.known().unwrap().unwrap().reset_required
    };
    assert_eq!(profile("<PasswordResetRequired>true</PasswordResetRequired>"), Some(true));
    assert_eq!(profile("<PasswordResetRequired>false</PasswordResetRequired>"), Some(false));
    assert_eq!(profile(""), Some(false));
}

#[test]
fn credentials_of_other_kinds_come_with_id_date_service_and_expiry() {
    const DATE: &str = "2026-01-02T03:04:05Z";
    let stand_in = StandIn::new(|asked, _| match asked.action.as_str() {
        "ListSSHPublicKeys" => {
            let key = format!(
                "<member><UserName>ann</UserName><SSHPublicKeyId>APKAEXAMPLEEXAMPLE001</SSHPublicKeyId>\
                 <Status>Inactive</Status><UploadDate>{DATE}</UploadDate></member>"
            );
            page("ListSSHPublicKeys", "SSHPublicKeys", &key, None)
        }
        "ListServiceSpecificCredentials" => {
            let credential = format!(
                "<member><UserName>ann</UserName><Status>Active</Status><ServiceUserName>ann-at-1</ServiceUserName>\
                 <CreateDate>{DATE}</CreateDate><ExpirationDate>2026-02-02T03:04:05Z</ExpirationDate>\
                 <ServiceSpecificCredentialId>ACCAEXAMPLEEXAMPLE001</ServiceSpecificCredentialId>\
                 <ServiceName>bedrock.amazonaws.com</ServiceName></member>"
            );
            page("ListServiceSpecificCredentials", "ServiceSpecificCredentials", &credential, None)
        }
        _ => {
            let certificate = "<member><UserName>ann</UserName><CertificateId>short</CertificateId>\
                 <CertificateBody>-</CertificateBody><Status>Active</Status></member>";
            page("ListSigningCertificates", "Certificates", certificate, None)
        }
    });
    let needs = [Need::SshPublicKeys, Need::ServiceSpecificCredentials, Need::SigningCertificates];
    let user = refreshed(&stand_in, &needs);
    let created = shared::facts::Span::exactly(DATE.parse().unwrap());
    let [key] = user.ssh_public_keys.list().unwrap() else { panic!("{:?}", user.ssh_public_keys) };
    assert_eq!((key.status, key.created), (KeyStatus::Inactive, created));
    let [credential] = user.service_specific_credentials.list().unwrap() else {
        panic!("{:?}", user.service_specific_credentials)
    };
    assert_eq!(credential.id.known().unwrap().unwrap().as_str(), "ACCAEXAMPLEEXAMPLE001");
    assert_eq!(credential.service.as_deref(), Some("bedrock.amazonaws.com"));
    assert_eq!(credential.expires, Some("2026-02-02T03:04:05Z".parse::<Timestamp>().unwrap()));
    // An answer without sense is no answer.
    assert_eq!(user.signing_certificates.list().unwrap_err().why, WhyUnread::Failed);
}

#[test]
fn one_fact_that_cannot_be_read_leaves_the_others_alone() {
    let stand_in = StandIn::new(|asked, _| match asked.action.as_str() {
        "ListMFADevices" => page("ListMFADevices", "MFADevices", "", None),
        "ListUserPolicies" => page("ListUserPolicies", "PolicyNames", "", None),
        _ => xml_error(403, "AccessDenied", "no"),
    });
    let user = refreshed(&stand_in, Need::ALL);
    assert_eq!(user.mfa_devices, Fact::Known(Vec::new()));
    assert_eq!(user.inline_policies, Fact::Known(Vec::new()));
    assert!(user.access_keys.is_unknown() && user.attached_policies.is_unknown());
}

#[test]
fn the_bulk_read_goes_page_by_page_and_asks_for_the_wanted_kinds_only() {
    let stand_in = StandIn::new(|_, count| match count {
        0 => page("GetAccountAuthorizationDetails", "UserDetailList", "", Some("one")),
        _ => page(
            "GetAccountAuthorizationDetails",
            "UserDetailList",
            &format!(
                "<member><Path>/</Path><UserName>ann</UserName><UserId>AIDAEXAMPLEEXAMPLE000</UserId>\
                 <Arn>arn:aws:iam::{ACCOUNT}:user/ann</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>\
                 <UserPolicyList><member><PolicyName>p</PolicyName><PolicyDocument>%7B</PolicyDocument></member>\
                 </UserPolicyList><GroupList><member>g</member></GroupList></member>"
            ),
            None,
        ),
    });
    let iam = iam(&stand_in);
    let first = run(iam.resources(&[ResourceType::User].into(), None)).unwrap();
    assert_eq!((first.items.len(), first.next.as_deref()), (0, Some("one")));
    let second = run(iam.resources(&[ResourceType::User].into(), first.next.as_deref())).unwrap();
    assert_eq!(second.next, None);
    let Resource::Entity(Entity::User(ann)) = &second.items[0] else { panic!("{:?}", second.items) };
    assert_eq!(ann.inline_policies.list().unwrap()[0].document.as_str(), "{");
    assert_eq!(ann.attached_policies, Fact::Known(Vec::new()));
    assert_eq!(stand_in.asked()[1].body["Filter.member.1"], "User");
    assert_eq!(stand_in.asked()[1].body["Marker"], "one");
}

/// An account whose first listing shows two users, and further ones what `later` says.
fn listed_again(later: &'static [(&'static str, u8)]) -> StandIn {
    StandIn::new(move |asked, count| {
        let users: &[(&str, u8)] = if count == 0 { &[("ann", 0), ("bob", 1)] } else { later };
        let user = |(name, id): &(&str, u8)| {
            format!(
                "<member><Path>/</Path><UserName>{name}</UserName><UserId>AIDAEXAMPLEEXAMPLE00{id}</UserId>\
                 <Arn>arn:aws:iam::{ACCOUNT}:user/{name}</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></member>"
            )
        };
        match asked.action.as_str() {
            "GetUser" => user_of(ACCOUNT),
            action => page(action, "UserDetailList", &users.iter().map(user).collect::<String>(), None),
        }
    })
}

fn id_of(number: u8) -> UniqueId {
    UniqueId::parse(&format!("AIDAEXAMPLEEXAMPLE00{number}")).unwrap()
}

/// Seconds after some moment.
fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn bearer(iam: &Iam, number: u8, told: i64, now: i64) -> Result<Option<String>, WhyUnread> {
    match run(iam.bearer_at(&id_of(number), Some(second(told)), second(now))) {
        Ok(Some(ResourceName::User(name))) => Ok(Some(name.to_string())),
        Ok(None) => Ok(None),
        Ok(other) => panic!("{other:?}"),
        Err(unread) => Err(unread.why),
    }
}

fn listings(stand_in: &StandIn) -> usize {
    stand_in.actions().iter().filter(|action| *action == "GetAccountAuthorizationDetails").count()
}

#[test]
fn one_listing_tells_for_minutes_who_has_which_id() {
    let stand_in = listed_again(&[("ann", 0)]);
    let iam = iam(&stand_in);
    for now in [0, 1, 299] {
        assert_eq!(bearer(&iam, 0, now, now), Ok(Some("ann".to_owned())));
    }
    assert_eq!(listings(&stand_in), 1);
    assert_eq!(bearer(&iam, 0, 300, 300), Ok(Some("ann".to_owned())));
    assert_eq!(listings(&stand_in), 2);
}

#[test]
fn whoever_lost_the_name_since_is_looked_for_at_once() {
    // Ann has both names by now, as far as `GetUser` tells.
    let stand_in = listed_again(&[("ann", 0), ("bobby", 1)]);
    let iam = iam(&stand_in);
    assert_eq!(bearer(&iam, 1, 0, 0), Ok(Some("bob".to_owned())));
    assert_eq!(bearer(&iam, 1, 1, 1), Ok(Some("bobby".to_owned())));
    assert_eq!(listings(&stand_in), 2);
}

#[test]
fn an_id_that_the_listing_lacks_is_nobody_s_or_is_looked_for_later() {
    let stand_in = listed_again(&[("ann", 0), ("carl", 2)]);
    let iam = iam(&stand_in);
    assert_eq!(bearer(&iam, 2, 0, 0), Ok(None), "it was just listed");
    assert_eq!(bearer(&iam, 2, -61, 200), Ok(None), "told of long before");
    assert_eq!(bearer(&iam, 2, 150, 200), Err(WhyUnread::Throttled), "made since, perhaps");
    assert_eq!(listings(&stand_in), 1);
    assert_eq!(bearer(&iam, 2, 150, 920), Ok(Some("carl".to_owned())));
    assert_eq!(listings(&stand_in), 2);
}

#[test]
fn policies_of_aws_are_asked_for_by_their_filter_with_the_text_in_force() {
    let stand_in = StandIn::new(|_, _| {
        let version = |id: &str, text: &str| {
            format!("<member><VersionId>{id}</VersionId><Document>{text}</Document></member>")
        };
        let policy = format!(
            "<member><Arn>arn:aws:iam::aws:policy/ReadOnlyAccess</Arn><DefaultVersionId>v2</DefaultVersionId>\
             <PolicyVersionList>{}{}</PolicyVersionList></member>\
             <member><Arn>arn:aws:iam::aws:policy/Untold</Arn><DefaultVersionId>v1</DefaultVersionId></member>",
            version("v1", "%7B1%7D"),
            version("v2", "%7B2%7D")
        );
        page("GetAccountAuthorizationDetails", "Policies", &policy, None)
    });
    let found = run(iam(&stand_in).aws_managed_policies(None)).unwrap();
    let texts: Vec<_> = found.items.iter().map(|policy| policy.document.known().ok().flatten()).collect();
    assert_eq!(texts, [Some(&PolicyDocument::new("{2}")), None]);
    assert_eq!(stand_in.asked()[0].body["Filter.member.1"], "AWSManagedPolicy");
}

#[test]
fn a_missing_credential_report_is_asked_for_and_waited_for() {
    let stand_in = StandIn::new(|asked, count| match (asked.action.as_str(), count) {
        ("GenerateCredentialReport", _) => xml("GenerateCredentialReport", "<State>STARTED</State>"),
        (_, 0) => xml_error(410, "ReportNotPresent", "no"),
        (_, 1) => xml_error(404, "ReportInProgress", "no"),
        _ => {
            xml("GetCredentialReport", "<Content>dXNlcixhcm4=</Content><ReportFormat>text/csv</ReportFormat>")
        }
    });
    assert_eq!(run(iam(&stand_in).credential_report()), Fact::Known(b"user,arn".to_vec()));
    assert_eq!(
        stand_in.actions(),
        ["GetCredentialReport", "GenerateCredentialReport", "GetCredentialReport", "GetCredentialReport"]
    );
}

#[test]
fn a_throttled_credential_report_is_unknown() {
    let stand_in = StandIn::new(|_, _| xml_error(400, "Throttling", "Rate exceeded"));
    let Fact::Unknown(unread) = run(iam(&stand_in).credential_report()) else { panic!() };
    assert!(unread.why.is_retryable());
}

fn own_account() -> AccountIdentity {
    AccountIdentity::new(&AccountId::parse(ACCOUNT).unwrap(), "aws").unwrap()
}

fn password_policy(stand_in: &StandIn) -> Fact<PasswordPolicy> {
    let found = run(iam(stand_in).find(&ResourceName::Account(own_account()))).unwrap();
    let mut account = found.unwrap();
    run(iam(stand_in).refresh(&mut account, &[Need::PasswordPolicy].into()));
    assert_eq!(stand_in.actions(), ["GetAccountPasswordPolicy"]);
    match account {
        Resource::Account(account) => account.password_policy,
        _ => unreachable!(),
    }
}

fn policy_said(options: &'static str) -> StandIn {
    StandIn::new(move |_, _| {
        xml("GetAccountPasswordPolicy", &format!("<PasswordPolicy>{options}</PasswordPolicy>"))
    })
}

#[test]
fn a_password_policy_is_read_option_by_option() {
    let stand_in = policy_said(
        "<MinimumPasswordLength>12</MinimumPasswordLength><RequireSymbols>true</RequireSymbols>\
         <RequireNumbers>false</RequireNumbers><RequireUppercaseCharacters>true</RequireUppercaseCharacters>\
         <RequireLowercaseCharacters>false</RequireLowercaseCharacters>\
         <AllowUsersToChangePassword>true</AllowUsersToChangePassword><ExpirePasswords>true</ExpirePasswords>\
         <MaxPasswordAge>180</MaxPasswordAge><PasswordReusePrevention>5</PasswordReusePrevention>\
         <HardExpiry>true</HardExpiry>",
    );
    let policy = PasswordPolicy {
        minimum_password_length: 12,
        require_symbols: true,
        require_numbers: false,
        require_uppercase_characters: true,
        require_lowercase_characters: false,
        allow_users_to_change_password: true,
        max_password_age: Some(180),
        password_reuse_prevention: Some(5),
        hard_expiry: true,
    };
    assert_eq!(password_policy(&stand_in), Fact::Known(policy));
    let stand_in = policy_said(
        "<MinimumPasswordLength>6</MinimumPasswordLength><ExpirePasswords>false</ExpirePasswords>",
    );
    assert_eq!(password_policy(&stand_in), Fact::Known(PasswordPolicy::default()));
}

#[test]
fn no_password_policy_is_an_answer_and_neither_a_refusal_nor_a_contradiction_is_one() {
    let stand_in = StandIn::new(|_, _| xml_error(404, "NoSuchEntity", "no"));
    assert_eq!(password_policy(&stand_in), Fact::Absent);
    let stand_in = StandIn::new(|_, _| xml_error(403, "AccessDenied", "no"));
    assert!(password_policy(&stand_in).is_unknown());
    for options in [
        "<ExpirePasswords>true</ExpirePasswords>",
        "<ExpirePasswords>true</ExpirePasswords><MaxPasswordAge>0</MaxPasswordAge>",
        "<ExpirePasswords>false</ExpirePasswords><MaxPasswordAge>90</MaxPasswordAge>",
    ] {
        assert!(password_policy(&policy_said(options)).is_unknown(), "{options}");
    }
}

#[test]
fn another_account_is_not_found_here() {
    let stand_in = StandIn::new(|_, _| xml_error(500, "ServiceFailure", "not asked"));
    let other = AccountIdentity::new(&AccountId::parse("444455556666").unwrap(), "aws").unwrap();
    assert_eq!(run(iam(&stand_in).find(&ResourceName::Account(other))), Ok(None));
    assert!(stand_in.asked().is_empty());
}
