//! What holds of any account.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture::*;
use crate::policy::account::details::AccountDetails;
use crate::policy::account::search::Search;
use crate::policy::account::takeover::{Takeover, take_over};
use crate::policy::account::victims::Victims;
use crate::policy::account::{Certainty, PrincipalReport, analyze_account, explored};
use crate::policy::analysis::Tier;

/// A principal's policies, by what they are picked from.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub(crate) allows: Vec<Value>,
    pub(crate) denies: Vec<Value>,
    pub(crate) boundary: Option<Value>,
    in_group: bool,
    trust: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    users: Vec<Holding>,
    roles: Vec<Holding>,
    group: Vec<Value>,
}

fn action() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "*",
        "s3:GetObject",
        "s3:PutObject",
        "iam:*",
        "iam:PassRole",
        "iam:PassRole lambda:CreateFunction lambda:InvokeFunction",
        "sts:AssumeRole",
        "iam:CreateAccessKey",
        "iam:PutUserPolicy",
        "iam:PutRolePolicy sts:AssumeRole",
        "iam:AttachUserPolicy",
        "iam:UpdateAssumeRolePolicy",
        "iam:AddUserToGroup",
        "iam:PutGroupPolicy",
        "iam:DeleteUserPermissionsBoundary iam:DeleteRolePermissionsBoundary",
        "iam:DeleteUserPolicy iam:DeleteRolePolicy",
        "iam:CreateRole iam:AttachRolePolicy",
        "lambda:UpdateFunctionCode",
        "ssm:StartSession",
        "cloudtrail:StopLogging",
    ])
}

fn resource() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "*".to_owned(),
        arn("user/*"),
        arn("role/*"),
        arn("user/user-1"),
        arn("role/role-0"),
        arn("role/role-?"),
        arn("group/team"),
        "arn:aws:iam::*:user/${aws:username}".to_owned(),
    ])
}

fn condition() -> impl Strategy<Value = Option<Value>> {
    proptest::sample::select(vec![
        None,
        None,
        None,
        Some(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        Some(json!({"StringEquals": {"aws:username": "user-0"}})),
        Some(json!({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}})),
    ])
}

pub(crate) fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    (action(), resource(), condition(), any::<bool>()).prop_map(
        move |(action, resource, condition, negated)| {
            let mut statement =
                if effect == "Allow" { allow(action, &resource) } else { deny(action, &resource) };
            if negated && effect == "Deny" {
                statement["NotAction"] = statement["Action"].take();
                statement.as_object_mut().unwrap().remove("Action");
            }
            match condition {
                Some(condition) => when(statement, condition),
                None => statement,
            }
        },
    )
}

pub(crate) fn boundary() -> impl Strategy<Value = Value> {
    (proptest::collection::vec(statement("Allow"), 0..3), proptest::collection::vec(statement("Deny"), 0..2))
        .prop_map(|(allows, denies)| Value::from([allows, denies].concat()))
}

fn holding() -> impl Strategy<Value = Holding> {
    let trust = proptest::sample::select(vec![
        trust_account(),
        trust_service("lambda.amazonaws.com"),
        trust_service("ec2.amazonaws.com"),
        trust(&json!({"AWS": arn("user/user-0")})),
        trust(&json!({"AWS": arn("role/role-1")})),
        when(trust_account(), json!({"StringEquals": {"sts:ExternalId": "x"}})),
    ]);
    (
        proptest::collection::vec(statement("Allow"), 0..3),
        proptest::collection::vec(statement("Deny"), 0..2),
        proptest::option::weighted(0.3, boundary()),
        any::<bool>(),
        trust,
    )
        .prop_map(|(allows, denies, boundary, in_group, trust)| Holding {
            allows,
            denies,
            boundary,
            in_group,
            trust,
        })
}

pub(crate) fn account() -> impl Strategy<Value = Account> {
    let holdings = || proptest::collection::vec(holding(), 1..4);
    (holdings(), holdings(), proptest::collection::vec(statement("Allow"), 0..2))
        .prop_map(|(users, roles, group)| Account { users, roles, group })
}

impl Account {
    fn reports(&self) -> Vec<PrincipalReport> {
        analyze_account(&self.json()).unwrap()
    }

    pub(crate) fn json(&self) -> String {
        let policies = |holding: &Holding| {
            let list = [("allows", &holding.allows), ("denies", &holding.denies)];
            let list = list.into_iter().filter(|(_, statements)| !statements.is_empty());
            list.map(|(name, statements)| {
                json!({"PolicyName": name, "PolicyDocument": document(&json!(statements))})
            })
            .collect::<Vec<_>>()
        };
        let mut fixture = Fixture::default().group("team", &json!(self.group));
        for (index, user) in self.users.iter().enumerate() {
            fixture = fixture.user(&format!("user-{index}"), &json!([])).with(
                "users",
                "UserPolicyList",
                json!(policies(user)),
            );
            if user.in_group {
                fixture = fixture.in_group("team");
            }
            if let Some(boundary) = &user.boundary {
                fixture = fixture.bounded("users", &format!("user-{index}"), boundary);
            }
        }
        for (index, role) in self.roles.iter().enumerate() {
            fixture = fixture
                .role(&format!("role-{index}"), &json!([role.trust]), &json!([]))
                .with("roles", "RolePolicyList", json!(policies(role)))
                .on_instances();
            if let Some(boundary) = &role.boundary {
                fixture = fixture.bounded("roles", &format!("role-{index}"), boundary);
            }
        }
        fixture.json().to_string()
    }

    pub(crate) fn any(&mut self, which: usize) -> &mut Holding {
        let all = self.users.len() + self.roles.len();
        self.users.iter_mut().chain(&mut self.roles).nth(which % all).unwrap()
    }
}

fn tiers(reports: &[PrincipalReport]) -> BTreeMap<&str, Tier> {
    reports.iter().map(|report| (report.arn.as_str(), report.tier)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn another_allow_lowers_no_tier(account in account(), which in 0..8usize, allowed in statement("Allow")) {
        let before = account.reports();
        let mut more = account;
        more.any(which).allows.push(allowed);
        let after = more.reports();
        for ((arn, before), after) in tiers(&before).into_iter().zip(tiers(&after).into_values()) {
            prop_assert!(after >= before, "{} fell from {:?} to {:?}", arn, before, after);
        }
    }

    #[test]
    fn another_deny_raises_no_tier(account in account(), which in 0..8usize, denied in statement("Deny")) {
        let before = account.reports();
        let mut less = account;
        less.any(which).denies.push(denied);
        let after = less.reports();
        for ((arn, before), after) in tiers(&before).into_iter().zip(tiers(&after).into_values()) {
            prop_assert!(after <= before, "{} rose from {:?} to {:?}", arn, before, after);
        }
    }

    #[test]
    fn a_boundary_raises_no_tier(account in account(), which in 0..8usize, capped in boundary()) {
        let mut free = account;
        free.any(which).boundary = None;
        let before = free.reports();
        free.any(which).boundary = Some(capped);
        let after = free.reports();
        for ((arn, before), after) in tiers(&before).into_iter().zip(tiers(&after).into_values()) {
            prop_assert!(after <= before, "{} rose from {:?} to {:?}", arn, before, after);
        }
    }

    #[test]
    fn the_parts_of_a_report_agree(account in account()) {
        let reports = account.reports();
        for report in &reports {
            let becomes = !report.path.is_empty();
            prop_assert_eq!(report.tier == Tier::Platinum, report.admin || becomes, "{:?}", report);
            prop_assert_eq!(becomes, !report.escalations.is_empty(), "{:?}", report);
            prop_assert!(!(report.admin && becomes));
            for step in &report.path {
                prop_assert_eq!(step.certainty == Certainty::Is, step.depends_on.is_empty(), "{:?}", step);
            }
        }
    }

    #[test]
    fn whoever_can_become_another_is_asked(account in account()) {
        let missed = explored(&AccountDetails::read(&account.json()).unwrap(), |world, nodes, shortcuts| {
            let search = Search::run(world, nodes, shortcuts, &HashSet::new());
            let nodes = search.nodes().iter();
            let pairs = nodes.flat_map(|to| search.nodes().iter().map(move |from| (from, to)));
            let missed = pairs.filter(|(from, to)| {
                !from.is_admin
                    && from.at != to.at
                    && search.step(from, to).is_some()
                    && !search.candidates_for(to).contains(&from.at)
            });
            missed.map(|(from, to)| format!("{:?} -> {:?}", from.actor.principal, to.becomes)).collect::<Vec<_>>()
        });
        prop_assert_eq!(missed, Vec::<String>::new());
    }

    #[test]
    fn whoever_can_be_changed_is_among_the_victims(account in account()) {
        let missed = explored(&AccountDetails::read(&account.json()).unwrap(), |world, nodes, shortcuts| {
            let search = Search::run(world, nodes, shortcuts, &HashSet::new());
            let victims = Victims::of(search.nodes());
            let nodes = search.nodes().iter().filter(|node| node.becomes.is_some());
            let pairs = nodes.flat_map(|of| search.nodes().iter().map(move |by| (by, of)));
            let missed = pairs.filter(|(by, of)| {
                let among = victims.of_node(search.world(), by).is_none_or(|victims| victims.contains(&of.at));
                let takeover = take_over(search.world(), &by.actor, &of.actor);
                let by_it = |takeover: &Takeover<'_>| {
                    takeover.steps.iter().any(|step| step.from != of.actor.principal.arn.as_str())
                };
                by.at != of.at && takeover.as_ref().is_some_and(by_it) && !among
            });
            missed.map(|(by, of)| format!("{:?} -> {:?}", by.actor.principal, of.becomes)).collect::<Vec<_>>()
        });
        prop_assert_eq!(missed, Vec::<String>::new());
    }
}
