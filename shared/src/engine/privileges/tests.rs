use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::facts::fixture::{alice, arn, attached, deployer, inline, throttled};
use crate::facts::{GroupIdentity, PolicyIdentity, PolicyVersion, RoleIdentity, UserIdentity};
use crate::identifier::{AccountId, GroupName, PolicyName, PolicyVersionId, RoleName, UniqueId, UserName};
use crate::policy::account::tests::properties::{Account, account, boundary, statement};
use crate::policy::account::{Certainty, analyze_account};
use crate::policy::analysis::Tier;

const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const READ_ONLY_ACCESS: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn account_id() -> AccountId {
    AccountId::parse("111122223333").unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn text(value: &Value) -> PolicyDocument {
    PolicyDocument::new(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn inline_policies(detail: &Value, key: &str) -> Fact<Vec<facts::InlinePolicy>> {
    let each = list(detail, key).map(|policy| facts::InlinePolicy {
        name: PolicyName::parse(policy["PolicyName"].as_str().unwrap()).unwrap(),
        document: text(&policy["PolicyDocument"]),
    });
    Fact::Known(each.collect())
}

fn attached_policies(detail: &Value) -> Fact<Vec<facts::AttachedPolicy>> {
    let each = list(detail, "AttachedManagedPolicies");
    Fact::Known(each.map(|policy| attached(policy["PolicyArn"].as_str().unwrap())).collect())
}

fn bounded_by(detail: &Value) -> Fact<Arn> {
    detail["PermissionsBoundary"]["PermissionsBoundaryArn"].as_str().map(arn).into()
}

/// What AWS prints, as a listing holds it.
fn listing(json: &Value) -> (Vec<Resource>, Vec<AwsManagedPolicy>) {
    let mut all: Vec<Resource> = Vec::new();
    let mut of_aws = Vec::new();
    let unique_id = |index: usize| UniqueId::parse(&format!("AIDAEXAMPLE{index:010}")).unwrap();
    for (index, detail) in list(json, "UserDetailList").enumerate() {
        let arn = arn(detail["Arn"].as_str().unwrap());
        let name = UserName::parse(arn.name()).unwrap();
        let groups = list(detail, "GroupList").map(|name| GroupName::parse(name.as_str().unwrap()).unwrap());
        let mut user =
            User::unread(UserIdentity { account: account_id(), name, unique_id: unique_id(index), arn });
        user.tags = Fact::Absent;
        user.groups = Fact::Known(groups.collect());
        user.boundary = bounded_by(detail);
        user.inline_policies = inline_policies(detail, "UserPolicyList");
        user.attached_policies = attached_policies(detail);
        all.push(user.into());
    }
    for (index, detail) in list(json, "RoleDetailList").enumerate() {
        let arn_of_role = arn(detail["Arn"].as_str().unwrap());
        let name = RoleName::parse(arn_of_role.name()).unwrap();
        let unique_id = unique_id(100 + index);
        let profiles = list(detail, "InstanceProfileList");
        let mut role =
            Role::unread(RoleIdentity { account: account_id(), name, unique_id, arn: arn_of_role });
        role.tags = Fact::Absent;
        role.boundary = bounded_by(detail);
        role.trust = Fact::Known(text(&detail["AssumeRolePolicyDocument"]));
        role.inline_policies = inline_policies(detail, "RolePolicyList");
        role.attached_policies = attached_policies(detail);
        role.instance_profiles =
            Fact::Known(profiles.map(|profile| arn(profile["Arn"].as_str().unwrap())).collect());
        all.push(role.into());
    }
    for (index, detail) in list(json, "GroupDetailList").enumerate() {
        let arn = arn(detail["Arn"].as_str().unwrap());
        let name = GroupName::parse(arn.name()).unwrap();
        let unique_id = unique_id(200 + index);
        let mut group = Group::unread(GroupIdentity { account: account_id(), name, unique_id, arn });
        group.inline_policies = inline_policies(detail, "GroupPolicyList");
        group.attached_policies = attached_policies(detail);
        all.push(group.into());
    }
    for (index, detail) in list(json, "Policies").enumerate() {
        let arn = arn(detail["Arn"].as_str().unwrap());
        let versions = || list(detail, "PolicyVersionList");
        let is_default = |version: &&Value| version["IsDefaultVersion"] == true;
        let document = Fact::Known(text(&versions().find(is_default).unwrap()["Document"]));
        if arn.is_aws_managed() {
            of_aws.push(AwsManagedPolicy { arn, document });
            continue;
        }
        let name = PolicyName::parse(arn.name()).unwrap();
        let unique_id = unique_id(300 + index);
        let mut policy =
            ManagedPolicy::unread(PolicyIdentity { account: account_id(), name, unique_id, arn });
        policy.document = document;
        let others = versions().filter(|version| !is_default(version)).zip(1..).map(|(version, number)| {
            PolicyVersion {
                id: PolicyVersionId::parse(&format!("v{number}")).unwrap(),
                document: Fact::Known(text(&version["Document"])),
            }
        });
        policy.other_versions = Fact::Known(others.collect());
        all.push(policy.into());
    }
    (all, of_aws)
}

fn privileges(resource: &Resource) -> &Fact<Privileges> {
    match resource {
        Resource::Entity(Entity::User(user)) => &user.privileges,
        Resource::Entity(Entity::Role(role)) => &role.privileges,
        Resource::Group(group) => &group.privileges,
        other => panic!("{other:?}"),
    }
}

/// What is found by the listing, by ARN.
fn found(json: &Value) -> BTreeMap<String, Privileges> {
    let (mut all, of_aws) = listing(json);
    enter(&mut all, &of_aws);
    let identities = all.iter().filter(|resource| !matches!(resource, Resource::Policy(_)));
    identities
        .map(|resource| {
            let found = privileges(resource).known().unwrap().unwrap().clone();
            (resource.identity().arn().to_string(), found)
        })
        .collect()
}

/// What is found by the file, by ARN, in the listing's words.
fn told(json: &Value) -> BTreeMap<String, Privileges> {
    let reports = analyze_account(&json.to_string()).unwrap();
    reports
        .into_iter()
        .map(|mut report| {
            for error in &mut report.errors {
                *error = error.replace("the file", "what AWS lists");
            }
            (report.arn.clone(), report.into())
        })
        .collect()
}

fn tiers(account: &Account) -> BTreeMap<String, Tier> {
    let json = serde_json::from_str(&account.json()).unwrap();
    found(&json).into_iter().map(|(arn, privileges)| (arn, privileges.tier)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn an_account_comes_to_the_same_from_a_listing_and_from_a_file(account in account()) {
        let json = serde_json::from_str(&account.json()).unwrap();
        prop_assert_eq!(found(&json), told(&json));
    }

    #[test]
    fn another_allow_lowers_no_tier(account in account(), which in 0..8usize, allowed in statement("Allow")) {
        let before = tiers(&account);
        let mut more = account;
        more.any(which).allows.push(allowed);
        for (arn, after) in tiers(&more) {
            prop_assert!(after >= before[&arn], "{} fell from {:?} to {:?}", arn, before[&arn], after);
        }
    }

    #[test]
    fn another_deny_raises_no_tier(account in account(), which in 0..8usize, denied in statement("Deny")) {
        let before = tiers(&account);
        let mut less = account;
        less.any(which).denies.push(denied);
        for (arn, after) in tiers(&less) {
            prop_assert!(after <= before[&arn], "{} rose from {:?} to {:?}", arn, before[&arn], after);
        }
    }

    #[test]
    fn a_boundary_raises_no_tier(account in account(), which in 0..8usize, capped in boundary()) {
        let mut free = account;
        free.any(which).boundary = None;
        let before = tiers(&free);
        free.any(which).boundary = Some(capped);
        for (arn, after) in tiers(&free) {
            prop_assert!(after <= before[&arn], "{} rose from {:?} to {:?}", arn, before[&arn], after);
        }
    }
}

#[test]
fn attached_policies_versions_and_what_is_missing_come_to_the_same_too() {
    let document = |action: &str| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let iam = |resource: &str| format!("arn:aws:iam::111122223333:{resource}");
    let attached = |names: &[&str]| {
        let arns =
            names.iter().map(|name| if name.starts_with("arn:") { (*name).to_owned() } else { iam(name) });
        arns.map(|arn| json!({"PolicyName": "x", "PolicyArn": arn})).collect::<Value>()
    };
    let versions = |texts: &[Value]| {
        let each = texts.iter().enumerate();
        each.map(|(index, text)| json!({"IsDefaultVersion": index == 0, "Document": text})).collect::<Value>()
    };
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": iam("root")}}});
    let user = |name: &str, attached: &Value, groups: &[&str]| {
        json!({"Arn": iam(&format!("user/{name}")), "UserId": "x", "AttachedManagedPolicies": attached,
            "GroupList": groups})
    };
    let account = json!({
        "UserDetailList": [
            user("reads", &attached(&[READ_ONLY_ACCESS]), &[]),
            user("untold", &attached(&["arn:aws:iam::aws:policy/SecurityAudit"]), &[]),
            user("administers", &attached(&[ADMINISTRATOR_ACCESS]), &[]),
            user("brings-back", &attached(&["policy/versions", "policy/puts-in-force"]), &[]),
            user("member", &json!([]), &["team", "ghosts"]),
            user("broken", &attached(&["policy/broken"]), &[]),
            user("assumes", &attached(&["policy/assumes"]), &[]),
        ],
        "GroupDetailList": [{"Arn": iam("group/team"), "AttachedManagedPolicies": attached(&["policy/gone"])}],
        "RoleDetailList": [{"Arn": iam("role/strong"), "AssumeRolePolicyDocument": trust,
            "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": document("*")}]}],
        "Policies": [
            {"Arn": READ_ONLY_ACCESS, "PolicyVersionList": versions(&[document("s3:Get*")])},
            {"Arn": iam("policy/versions"), "PolicyVersionList": versions(&[document("s3:Get*"), document("*")])},
            {"Arn": iam("policy/puts-in-force"),
                "PolicyVersionList": versions(&[document("iam:SetDefaultPolicyVersion")])},
            {"Arn": iam("policy/broken"), "PolicyVersionList": versions(&["{nonsense".into()])},
            {"Arn": iam("policy/assumes"), "PolicyVersionList": versions(&[document("sts:AssumeRole")])},
        ],
    });
    let found = found(&account);
    assert_eq!(found, told(&account));
    let of = |resource: &str| &found[&iam(resource)];
    assert_eq!((of("user/reads").tier, of("user/reads").errors.len()), (Tier::Bronze, 0));
    assert_eq!((of("user/untold").tier, of("user/untold").errors.len()), (Tier::None, 1));
    assert!(of("user/administers").admin);
    assert_eq!(of("user/brings-back").path, ["iam:SetDefaultPolicyVersion on policy/versions"]);
    assert_eq!(of("user/assumes").path, ["sts:AssumeRole on role/strong"]);
    assert_eq!(
        of("user/member").errors,
        [
            "group `ghosts` is not in what AWS lists",
            "group `team`: policy `arn:aws:iam::111122223333:policy/gone`: is attached, but not in what AWS lists"
        ]
    );
    assert_eq!(of("user/broken").errors.len(), 1);
}

/// What is found of Alice among others.
fn of_alice(
    user: User,
    others: impl IntoIterator<Item = Resource>,
    of_aws: &[AwsManagedPolicy],
) -> Privileges {
    let mut all: Vec<Resource> = std::iter::once(user.into()).chain(others).collect();
    enter(&mut all, of_aws);
    privileges(&all[0]).known().unwrap().unwrap().clone()
}

#[test]
fn facts_that_could_not_be_read_leave_open_what_they_would_tell() {
    let unread = || throttled(Read::GetAccountAuthorizationDetails);
    let said = "iam:GetAccountAuthorizationDetails was throttled or failed on AWS's side";
    let admin = || alice().with_inline([inline("all", EVERYTHING)]);
    for (user, error) in [
        (User { groups: Fact::Unknown(unread()), ..admin() }, format!("groups: {said}")),
        (User { tags: Fact::Unknown(unread()), ..admin() }, format!("tags: {said}")),
        (
            User { attached_policies: Fact::Unknown(unread()), ..admin() },
            format!("attached policies: {said}"),
        ),
        (
            User { boundary: Fact::Unknown(unread()), ..admin() },
            "permissions boundary: it is not told which".into(),
        ),
    ] {
        let found = of_alice(user, [], &[]);
        assert_eq!((found.errors.as_slice(), found.certainty), ([error].as_slice(), Certainty::Possible));
        assert!(!found.hangs_on_the_organization_alone());
    }
    let found = of_alice(User { inline_policies: Fact::Unknown(unread()), ..alice() }, [], &[]);
    assert_eq!((found.tier, found.errors), (Tier::None, vec![format!("inline policies: {said}")]));
    assert!(of_alice(admin(), [], &[]).hangs_on_the_organization_alone());
}

#[test]
fn the_text_of_a_policy_of_aws_counts_and_two_are_known_without() {
    let with = |arn: &str| alice().with_attached([attached(arn)]);
    let text = |document: Fact<PolicyDocument>| [AwsManagedPolicy { arn: arn(READ_ONLY_ACCESS), document }];
    let reads = text(Fact::Known(PolicyDocument::new(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#,
    )));
    let known = of_alice(with(READ_ONLY_ACCESS), [], &reads);
    assert_eq!((known.tier, known.unread()), (Tier::Bronze, None));
    for untold in [&text(Fact::Unknown(throttled(Read::GetAccountAuthorizationDetails)))[..], &[]] {
        let unknown = of_alice(with(READ_ONLY_ACCESS), [], untold);
        assert_eq!(unknown.tier, Tier::None);
        assert_eq!(unknown.unread().unwrap().why, WhyUnread::Incomplete);
        assert!(of_alice(with(ADMINISTRATOR_ACCESS), [], untold).admin);
        assert!(of_alice(with("arn:aws:iam::aws:policy/IAMFullAccess"), [], untold).is_platinum());
    }
}

#[test]
fn what_is_listed_twice_counts_once() {
    let admin = || alice().with_inline([inline("all", EVERYTHING)]);
    assert!(of_alice(admin(), [admin().into(), deployer().into(), deployer().into()], &[]).admin);
}

#[test]
fn an_account_that_makes_no_sense_is_unknown_to_all() {
    let mut strange = alice();
    strange.identity.arn = arn("arn:aws:s3:::alice");
    let mut all = vec![strange.into(), deployer().into()];
    enter(&mut all, &[]);
    for resource in &all {
        let Fact::Unknown(unread) = privileges(resource) else { panic!("{resource:?}") };
        assert_eq!(unread.why, WhyUnread::Failed);
        assert!(unread.detail.contains("arn:aws:s3:::alice"), "{unread}");
    }
}

#[test]
fn what_comes_twice_in_a_listing_counts_once() {
    let policy = AwsManagedPolicy {
        arn: arn(ADMINISTRATOR_ACCESS),
        document: Fact::Known(PolicyDocument::new(EVERYTHING)),
    };
    let group = Group::unread(GroupIdentity {
        account: account_id(),
        name: GroupName::parse("staff").unwrap(),
        unique_id: UniqueId::parse("AGPAEXAMPLEEXAMPLE001").unwrap(),
        arn: arn("arn:aws:iam::111122223333:group/staff"),
    });
    let own = ManagedPolicy::unread(PolicyIdentity {
        account: account_id(),
        name: PolicyName::parse("own").unwrap(),
        unique_id: UniqueId::parse("ANPAEXAMPLEEXAMPLE001").unwrap(),
        arn: arn("arn:aws:iam::111122223333:policy/own"),
    });
    let once = || -> Vec<Resource> {
        vec![alice().into(), deployer().into(), group.clone().into(), own.clone().into()]
    };
    let resources: Vec<Resource> = once().into_iter().chain(once()).collect();
    let of_aws = [policy.clone(), policy];
    let listed = listed(&resources, &of_aws);
    let counted = [listed.users.len(), listed.roles.len(), listed.groups.len(), listed.policies.len()];
    assert_eq!(counted, [1, 1, 1, 2]);
}
