//! What holds for every rule, whatever the user.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::user::access_key_age::AccessKeyAge;
use super::user::access_key_unused::AccessKeyUnused;
use super::user::user_attached_policy::UserAttachedPolicy;
use super::user::user_inline_policy::UserInlinePolicy;
use super::user::user_second_active_key::UserSecondActiveKey;
use super::user::user_service_specific_credential::UserServiceSpecificCredential;
use super::user::user_signing_certificate_age::UserSigningCertificateAge;
use super::user::user_ssh_key_age::UserSshKeyAge;
use super::{BoundRule, Declared, Entry, Form, Parameters, Proposal, RULES, ResourceType, Rule, Verdict};
use crate::directory::EmployeeId;
use crate::facts::fixture::{
    QUARANTINE, ago, alice, arn, attached, context, days, inline, key, key_id, many_attached, now, other,
    threat, throttled,
};
use crate::facts::{
    AccessKey, AttachedPolicy, Departure, Entity, Fact, InlinePolicy, KeyStatus, LoginProfile, MfaDevice,
    OtherCredential, OtherCredentialKind, Read, Resource, Span, SwitchedOff, SwitchedOffKeys, User,
};
use crate::governance::Mode;
use crate::identifier::AccessKeyId;
use crate::remedy::apply::apply;
use crate::remedy::{
    Cause, Entry as JournalEntry, JournalId, Plan, QUARANTINE_INLINE_POLICY, REQUIRE_MFA_POLICY, SCHEMA,
    Status, Step, StepOutcome, StepResult, StepState, Write, check_remit, require_mfa, suspend_user, undo,
};
use crate::threat::{Sign, Source, Threat, Threats};

/// Ages around every limit, to the second, and others.
fn age() -> impl Strategy<Value = SignedDuration> {
    let limit = (prop::sample::select(vec![0, 1, 7, 14, 30, 90]), -1..=1_i64)
        .prop_map(|(limit, seconds)| days(limit) + SignedDuration::from_secs(seconds));
    prop_oneof![2 => limit, 1 => (-2..500_i64).prop_map(days)]
}

fn moment() -> impl Strategy<Value = Timestamp> {
    age().prop_map(ago)
}

/// A key of which everything is known.
fn any_key(letter: char) -> impl Strategy<Value = AccessKey> {
    (age(), weighted(0.6, age()), any::<bool>()).prop_map(move |(created, used, active)| {
        let key = key(letter, created);
        let key = if let Some(used) = used { key.used(used) } else { key };
        if active { key } else { key.inactive() }
    })
}

fn any_keys() -> impl Strategy<Value = Vec<AccessKey>> {
    vec(any::<prop::sample::Index>(), 0..=4).prop_flat_map(|keys| {
        let letters = "ABCD".chars().take(keys.len());
        letters.map(any_key).collect::<Vec<_>>()
    })
}

/// Credentials of other kinds; mostly none, because one keeps its user from being suspended.
fn any_others() -> impl Strategy<Value = Vec<OtherCredential>> {
    let one = || (prop::sample::select(OtherCredentialKind::ALL.to_vec()), age(), any::<bool>());
    prop_oneof![3 => Just(0_usize), 1 => 1..4_usize].prop_flat_map(move |count| {
        vec(one(), count).prop_map(|all| {
            "ABC"
                .chars()
                .zip(all)
                .map(|(letter, (kind, created, active))| {
                    let live = other(kind, letter, created);
                    if active { live } else { live.inactive() }
                })
                .collect()
        })
    })
}

/// Those of the keys that Bailiff switched off.
fn any_switched_off() -> impl Strategy<Value = SwitchedOffKeys> {
    let one = || weighted(0.4, (age(), prop::bool::weighted(0.2)));
    vec(one(), 4).prop_map(|keys| {
        let switched_off = |(at, undone)| SwitchedOff {
            entry: "20260801t090000-0123456789ab".to_owned(),
            at: ago(at),
            undone,
        };
        let keys = "ABCD".chars().zip(keys);
        keys.filter_map(|(letter, key)| Some((key_id(letter), switched_off(key?)))).collect()
    })
}

/// What was reported of it: mostly nothing, else of one of its keys or of itself.
fn any_threats() -> impl Strategy<Value = Threats> {
    let signs = [
        (Sign::KeyExposed, Source::Health),
        (Sign::KeyMadeByAnother, Source::CloudTrail),
        (Sign::Detected, Source::GuardDuty),
        (Sign::LiftedQuarantine, Source::CloudTrail),
    ];
    let one = (prop::sample::select(signs.to_vec()), age(), prop::sample::select(vec!['A', 'B', 'C', 'D']));
    let report = one.prop_map(|((sign, source), age, letter)| Threat {
        at: ago(age),
        key: Some(key_id(letter)),
        ..threat(sign, source)
    });
    prop_oneof![2 => Just(Vec::new()), 1 => vec(report, 1..4)]
}

/// What a directory said of its person. It was matched by no tag: these users have none.
fn any_departure() -> impl Strategy<Value = Departure> {
    let people = prop_oneof![4 => Just(&["E1"][..]), 1 => Just(&["E1", "E2"][..])];
    (people, weighted(0.8, moment()), weighted(0.2, moment())).prop_map(|(people, leaves, returns)| {
        Departure {
            employees: people.iter().map(|id| EmployeeId::parse(id).unwrap()).collect(),
            tags: BTreeMap::new(),
            leaves,
            returns,
            said: now(),
            by_list: false,
            source: "event 1".to_owned(),
            received: now(),
            ..Departure::default()
        }
    })
}

fn any_inline() -> impl Strategy<Value = Vec<InlinePolicy>> {
    let own = |steps: &[Step]| match steps.first() {
        Some(Step::PutUserPolicy { policy, document, .. }) => inline(policy.as_str(), document.as_str()),
        other => panic!("{other:?}"),
    };
    let quarantine = own(&suspend_user(&alice().with_attached(many_attached(10)), &context()).steps);
    let mfa = own(&require_mfa(&alice()).steps);
    let deny = prop_oneof![Just(quarantine), Just(inline(QUARANTINE_INLINE_POLICY, "{}"))];
    let mfa = prop_oneof![Just(mfa), Just(inline(REQUIRE_MFA_POLICY, "{}"))];
    let filler =
        prop::sample::select(vec![10, 1_500, 1_900, 2_040]).prop_map(|n| inline("filler", "x".repeat(n)));
    let other = Just(inline("s3", "{ \"Statement\": [] }"));
    (weighted(0.2, deny), weighted(0.2, mfa), weighted(0.5, filler), weighted(0.5, other))
        .prop_map(|(deny, mfa, filler, other)| [deny, mfa, filler, other].into_iter().flatten().collect())
}

fn any_attached() -> impl Strategy<Value = Vec<AttachedPolicy>> {
    let count = prop_oneof![Just(0_usize), 0..12_usize, Just(9), Just(10)];
    let blocked = prop::bool::weighted(0.3);
    (count, any::<bool>(), prop::bool::weighted(0.2), blocked).prop_map(|(count, aws, ours, blocked)| {
        let aws = aws.then(|| attached("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"));
        let ours = ours.then(|| attached(QUARANTINE));
        let blocked = blocked.then(|| attached("arn:aws:iam::aws:policy/AWSCloudShellFullAccess"));
        many_attached(count).into_iter().chain(aws).chain(ours).chain(blocked).collect()
    })
}

/// A user of whom everything is known.
fn any_user() -> impl Strategy<Value = User> {
    let boundary = prop_oneof![
        3 => Just(None),
        1 => Just(Some(arn("arn:aws:iam::111122223333:policy/team-boundary"))),
        1 => Just(Some(arn(QUARANTINE))),
    ];
    let password = (weighted(0.5, moment()), weighted(0.5, moment()), any::<bool>());
    let keys = (any_keys(), any_switched_off(), any_threats(), weighted(0.3, any_departure()));
    (moment(), keys, any_inline(), any_attached(), boundary, password, any_others()).prop_map(
        |(
            created,
            (keys, switched_off_keys, mut threats, departure),
            inline_policies,
            attached_policies,
            boundary,
            (password, password_used, mfa),
            others,
        )| {
            // Of a key that was seen being made, the moment is that of its creation.
            for made in threats.iter_mut().filter(|threat| threat.sign == Sign::KeyMadeByAnother) {
                let key = keys.iter().find(|key| key.id.known().ok().flatten() == made.key.as_ref());
                made.at = key.map_or(made.at, |key| key.created.latest);
            }
            User {
                created: Fact::Known(created),
                boundary: boundary.into(),
                inline_policies: Fact::Known(inline_policies),
                login_profile: password
                    .map(|at| LoginProfile { created: Span::exactly(at), reset_required: Some(false) })
                    .into(),
                password_last_used: password_used.into(),
                mfa_devices: mfa.then(|| vec![MfaDevice { serial: None }]).into(),
                access_keys: Fact::Known(keys),
                switched_off_keys: Fact::Known(switched_off_keys),
                threats: Fact::Known(threats),
                departure: departure.into(),
                ..alice().with_attached(attached_policies).with_others(others)
            }
        },
    )
}

/// What is not known of a user, fact by fact.
#[derive(Debug, Clone)]
struct Fog {
    facts: Vec<bool>,
    ids: Vec<bool>,
    uses: Vec<bool>,
    spans: Vec<(SignedDuration, SignedDuration)>,
}

fn fog() -> impl Strategy<Value = Fog> {
    let few = || prop::bool::weighted(0.2);
    (vec(few(), 15), vec(few(), 4), vec(few(), 4), spans()).prop_map(|(facts, ids, uses, spans)| Fog {
        facts,
        ids,
        uses,
        spans,
    })
}

/// By how much each moment is blurred on either side; the last is the password's.
fn spans() -> impl Strategy<Value = Vec<(SignedDuration, SignedDuration)>> {
    let by = || prop_oneof![2 => Just(SignedDuration::ZERO), 1 => (0..200_i64).prop_map(days)];
    vec((by(), by()), 5)
}

/// The user as seen through fog: nothing is false, some things are not known.
fn through(fog: &Fog, user: &User) -> User {
    fn hide<T>(fact: &mut Fact<T>, hidden: bool, read: Read) {
        if hidden {
            *fact = Fact::Unknown(throttled(read));
        }
    }
    let mut seen = through_spans(&fog.spans, user);
    if let Fact::Known(keys) = &mut seen.access_keys {
        for (at, key) in keys.iter_mut().enumerate() {
            hide(&mut key.id, fog.ids[at], Read::ListAccessKeys);
            hide(&mut key.last_used, fog.uses[at], Read::GetAccessKeyLastUsed);
        }
    }
    hide(&mut seen.created, fog.facts[0], Read::GetUser);
    hide(&mut seen.boundary, fog.facts[1], Read::GetUser);
    hide(&mut seen.inline_policies, fog.facts[2], Read::ListUserPolicies);
    hide(&mut seen.attached_policies, fog.facts[3], Read::ListAttachedUserPolicies);
    hide(&mut seen.login_profile, fog.facts[4], Read::GetLoginProfile);
    hide(&mut seen.password_last_used, fog.facts[5], Read::GetUser);
    hide(&mut seen.mfa_devices, fog.facts[6], Read::ListMfaDevices);
    hide(&mut seen.access_keys, fog.facts[7], Read::ListAccessKeys);
    hide(&mut seen.policy_texts, fog.facts[8], Read::GetPolicyVersion);
    hide(&mut seen.ssh_public_keys, fog.facts[9], Read::ListSshPublicKeys);
    hide(&mut seen.service_specific_credentials, fog.facts[10], Read::ListServiceSpecificCredentials);
    hide(&mut seen.switched_off_keys, fog.facts[12], Read::SwitchedOffKeys);
    hide(&mut seen.threats, fog.facts[13], Read::Threats);
    hide(&mut seen.signing_certificates, fog.facts[11], Read::ListSigningCertificates);
    hide(&mut seen.departure, fog.facts[14], Read::Departures);
    seen
}

/// The user with bounds in the place of moments.
fn through_spans(spans: &[(SignedDuration, SignedDuration)], user: &User) -> User {
    let blur = |span: Span, (before, after): (SignedDuration, SignedDuration)| {
        Span::between(span.earliest - before, span.latest + after)
    };
    let mut seen = user.clone();
    if let Fact::Known(keys) = &mut seen.access_keys {
        for (at, key) in keys.iter_mut().enumerate() {
            key.created = blur(key.created, spans[at]);
        }
    }
    if let Fact::Known(certificates) = &mut seen.signing_certificates {
        for (at, certificate) in certificates.iter_mut().enumerate() {
            certificate.created = blur(certificate.created, spans[at]);
        }
    }
    if let Fact::Known(profile) = &mut seen.login_profile {
        profile.created = blur(profile.created, spans[4]);
    }
    seen
}

/// The rules that a remediator puts right on users.
fn about_users() -> Vec<&'static Entry> {
    let fits =
        |rule: &&Entry| rule.meta.remediator.is_some() && rule.meta.applies_to.contains(&ResourceType::User);
    RULES.iter().filter(fits).collect()
}

/// Every such rule, with parameters at which a good share of these users breaks it.
fn any_rule() -> impl Strategy<Value = (&'static Entry, Value)> {
    let rules = || prop::sample::select(about_users());
    let limit = || prop::sample::select(vec![1, 7, 14, 30, 90]);
    prop_oneof![
        rules().prop_map(|rule| (rule, Value::Null)),
        (rules(), vec(limit(), 2)).prop_map(|(rule, limits)| {
            let parameters = rule
                .parameters
                .iter()
                .filter(|declared| matches!(declared.form, Form::Days { .. }))
                .zip(limits)
                .map(|(declared, days)| (declared.name.to_owned(), json!(days)));
            (rule, Value::Object(parameters.collect()))
        }),
    ]
}

fn bind((rule, parameters): &(&'static Entry, Value)) -> Box<dyn BoundRule> {
    rule.bind(parameters).unwrap()
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Fine,
    Broken,
    Open,
}

fn judge(rule: &dyn BoundRule, user: &User) -> Outcome {
    match rule.judge(&user.clone().into(), &context()).unwrap() {
        Verdict::Compliant => Outcome::Fine,
        Verdict::NonCompliant(_) => Outcome::Broken,
        Verdict::Unknown(_) => Outcome::Open,
    }
}

fn plan(rule: &dyn BoundRule, live: &Resource) -> Proposal {
    match rule.plan(live, &context()).unwrap() {
        Verdict::NonCompliant((_, proposal)) => proposal,
        Verdict::Compliant | Verdict::Unknown(_) => Proposal::default(),
    }
}

/// Carries steps out one by one, each from the very state it was planned on.
fn carry_out(steps: &[Step], live: &mut Resource) -> Result<(), TestCaseError> {
    for step in steps {
        prop_assert_eq!(step.state(live), StepState::Pending, "{}", step);
        apply(step, live);
        prop_assert_eq!(step.state(live), StepState::Done, "{}", step);
    }
    Ok(())
}

/// The user with every list in order, `Absent` being the empty one.
fn in_order(live: Resource) -> User {
    fn sort<T, K: Ord>(list: &mut Fact<Vec<T>>, by: impl FnMut(&T) -> K) {
        if matches!(list, Fact::Absent) {
            *list = Fact::Known(Vec::new());
        }
        if let Fact::Known(items) = list {
            items.sort_by_key(by);
        }
    }
    let Resource::Entity(Entity::User(mut user)) = live else { unreachable!() };
    if matches!(user.tags, Fact::Absent) {
        user.tags = Fact::Known(BTreeMap::new());
    }
    sort(&mut user.inline_policies, |policy| policy.name.clone());
    sort(&mut user.attached_policies, |policy| policy.arn.clone());
    *user
}

/// An entry of a plan of which every step was read back.
fn carried_out(rule: &Entry, plan: Plan) -> JournalEntry {
    let cause = Cause::Rule { rule: rule.meta.id, annotation: String::new() };
    let outcome = |index| StepOutcome { index, at: context().at, result: StepResult::Verified };
    JournalEntry {
        schema: SCHEMA,
        id: JournalId::of_act(&cause, &plan, context().at),
        cause,
        remediator: rule.meta.remediator.unwrap(),
        mode: Mode::Enforce,
        outcomes: (0..plan.steps.len()).map(outcome).collect(),
        plan,
        status: Status::Verified,
        refusal: None,
        attempting: None,
        unread: Vec::new(),
        opened: context().at,
        updated: None,
        closed: None,
        undone_by: None,
        lost: Vec::new(),
        aftermath: None,
        known_keys: Vec::new(),
        made_by_another: Vec::new(),
    }
}

/// What a step would change: the id, ARN or name of it.
fn target(step: &Step) -> String {
    match step {
        Step::DeactivateAccessKey { key, .. } | Step::DeleteAccessKey { key, .. } => key.as_str().to_owned(),
        Step::DeactivateCredential { credential, .. } => credential.as_str().to_owned(),
        Step::DeleteUserPolicy { policy, document, .. } => format!("{policy} {}", document.as_str()),
        Step::DetachUserPolicy { policy, .. } => policy.to_string(),
        other => panic!("no rule about single things plans `{other}`"),
    }
}

/// Asserts that a rule plans to change nothing but what it found, and that once.
fn changes_only_what_it_found<R: Rule<Subject = User>>(
    user: &User,
    named: impl Fn(&R::Finding) -> Vec<String>,
) -> Result<(), TestCaseError> {
    let params = R::Params::read(&Value::Null).unwrap();
    if let Verdict::NonCompliant(finding) = R::evaluate(user, &params, &context()) {
        let found = named(&finding);
        let mut targets: Vec<String> =
            R::plan(user, &finding, &params, &context()).steps.iter().map(target).collect();
        prop_assert!(targets.iter().all(|target| found.contains(target)), "{}: {targets:?}", R::META.id);
        let planned = targets.len();
        targets.sort();
        targets.dedup();
        prop_assert_eq!(targets.len(), planned, "{}", <R as Declared>::META.id);
    }
    Ok(())
}

fn ids(keys: &[AccessKey]) -> Vec<String> {
    keys.iter()
        .filter(|key| key.is_active())
        .filter_map(|key| key.id.known().ok().flatten().map(|id| id.as_str().to_owned()))
        .collect()
}

fn credential_ids(credentials: &[OtherCredential]) -> Vec<String> {
    credentials
        .iter()
        .filter_map(|live| live.id.known().ok().flatten().map(|id| id.as_str().to_owned()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(500), max_global_rejects: u32::MAX, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bounds_never_contradict_a_moment_within_them(user in any_user(), spans in spans(), rule in any_rule()) {
        let rule = bind(&rule);
        let seen = judge(&*rule, &through_spans(&spans, &user));
        let exact = judge(&*rule, &user);
        prop_assert_ne!(&exact, &Outcome::Open);
        prop_assert!(seen == exact || seen == Outcome::Open, "{seen:?} of bounds, {exact:?} of moments");
    }

    /// A verdict given in spite of unknown facts is the verdict of every state they may hide. So an unknown fact
    /// makes nothing compliant, unless the others settle it.
    #[test]
    fn what_is_not_known_never_turns_a_verdict(
        user in any_user(), fog in fog(), more in fog(), rule in any_rule()
    ) {
        let rule = bind(&rule);
        let seen = through(&fog, &user);
        let hardly_seen = through(&more, &seen);
        for (clear, dim) in [(&user, &seen), (&seen, &hardly_seen)] {
            let (clear, dim) = (judge(&*rule, clear), judge(&*rule, dim));
            prop_assert!(dim == clear || dim == Outcome::Open, "{dim:?} of less, {clear:?} of more");
        }
    }

    #[test]
    fn another_key_that_is_fine_by_itself_mends_nothing(
        user in any_user(), another in any_key('Z'), at in any::<prop::sample::Index>(), rule in any_rule()
    ) {
        // A key in use is what keeps a user from being unused: there, only one that does not count is added.
        let another = if rule.0.meta.id.as_str() == "user-unused" {
            key('Z', days(500)).used(days(400)).inactive()
        } else {
            another
        };
        let rule = bind(&rule);
        let before = judge(&*rule, &user);
        let alone = alice().with_keys([another.clone()]);
        let Fact::Known(keys) = &user.access_keys else { unreachable!() };
        let mut keys = keys.clone();
        keys.insert(at.index(keys.len() + 1), another);
        if judge(&*rule, &alone) == Outcome::Fine && before == Outcome::Broken {
            prop_assert_eq!(judge(&*rule, &user.with_keys(keys)), Outcome::Broken);
        }
    }

    /// Other rules deactivate keys. None of them may so make another rule's violation.
    #[test]
    fn deactivating_a_key_breaks_no_rule(user in any_user(), at in any::<prop::sample::Index>(), rule in any_rule()) {
        let deletes = rule.0.meta.steps.contains(&Write::DeleteAccessKey);
        let rule = bind(&rule);
        let Fact::Known(keys) = &user.access_keys else { unreachable!() };
        prop_assume!(!keys.is_empty());
        let mut keys = keys.clone();
        let at = at.index(keys.len());
        // It was off before, says the journal.
        prop_assume!(!deletes);
        keys[at].status = KeyStatus::Inactive;
        if judge(&*rule, &user) == Outcome::Fine {
            prop_assert_eq!(judge(&*rule, &user.clone().with_keys(keys)), Outcome::Fine);
        }
    }

    #[test]
    fn a_plan_names_nothing_but_what_was_found(user in any_user(), fog in fog()) {
        for user in [&user, &through(&fog, &user)] {
            changes_only_what_it_found::<AccessKeyAge>(user, |keys| ids(keys))?;
            changes_only_what_it_found::<AccessKeyUnused>(user, |keys| ids(keys))?;
            changes_only_what_it_found::<UserSecondActiveKey>(user, |keys| ids(keys))?;
            changes_only_what_it_found::<UserServiceSpecificCredential>(user, |found| credential_ids(found))?;
            changes_only_what_it_found::<UserSshKeyAge>(user, |found| credential_ids(found))?;
            changes_only_what_it_found::<UserSigningCertificateAge>(user, |found| credential_ids(found))?;
            changes_only_what_it_found::<UserInlinePolicy>(user, |policies| {
                policies.iter().map(|policy| format!("{} {}", policy.name, policy.document.as_str())).collect()
            })?;
            changes_only_what_it_found::<UserAttachedPolicy>(user, |policies| {
                policies.iter().map(|policy| policy.arn.to_string()).collect()
            })?;
        }
    }

    /// A second key that is not in use yet is the first step of a rotation, and no reason to end the use of the
    /// first.
    #[test]
    fn the_only_key_ever_used_is_never_one_too_many(user in any_user(), fog in fog(), quiet in 1..90_u16) {
        let Fact::Known(keys) = &user.access_keys else { unreachable!() };
        let active = keys.iter().filter(|key| key.is_active());
        let used: Vec<AccessKey> =
            active.filter(|key| key.last_used != Fact::Absent).cloned().collect();
        let params = json!({ "quietBeforeDeactivation": quiet });
        let entry = super::find(UserSecondActiveKey::META.id).unwrap();
        let rule = bind(&(entry, params));
        if let [only] = used.as_slice() {
            for live in [Resource::from(through(&fog, &user)), Resource::from(user.clone())] {
                let targets: Vec<String> = plan(&*rule, &live).steps.iter().map(target).collect();
                prop_assert!(!targets.contains(&ids(std::slice::from_ref(only))[0]), "{targets:?}");
            }
        }
    }

    #[test]
    fn a_plan_is_its_principals_alone_and_within_declaration_and_remit(
        user in any_user(), fog in fog(), rule in any_rule()
    ) {
        let (entry, _) = rule;
        let remediator = entry.meta.remediator.unwrap();
        let rule = bind(&rule);
        for live in [Resource::from(through(&fog, &user)), Resource::from(user)] {
            let proposal = plan(&*rule, &live);
            for step in &proposal.steps {
                prop_assert!(entry.meta.steps.contains(&step.write()), "{step} is not declared");
                prop_assert!(
                    step.needs().is_none_or(|need| remediator.needs().contains(&need)),
                    "{remediator} cannot read back `{step}`"
                );
            }
            let plan = Plan::new(live.identity(), proposal.steps, proposal.left).unwrap();
            prop_assert_eq!(check_remit(&plan, remediator), Ok(()));
        }
    }

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_plan(user in any_user(), fog in fog(), rule in any_rule()) {
        let rule = bind(&rule);
        for mut live in [Resource::from(through(&fog, &user)), Resource::from(user)] {
            let steps = plan(&*rule, &live).steps;
            carry_out(&steps, &mut live)?;
            prop_assert_eq!(plan(&*rule, &live).steps, []);
        }
    }

    #[test]
    fn what_is_known_and_broken_is_mended_or_left_to_people(user in any_user(), rule in any_rule()) {
        let rule = bind(&rule);
        let mut live = Resource::from(user.clone());
        let proposal = plan(&*rule, &live);
        prop_assert_eq!(&proposal.unknown, &[]);
        carry_out(&proposal.steps, &mut live)?;
        if judge(&*rule, &in_order(live)) != Outcome::Fine {
            let enrols_itself = matches!(proposal.steps.as_slice(), [Step::PutUserPolicy { .. }]);
            prop_assert!(!proposal.left.is_empty() || enrols_itself, "{proposal:?}");
        }
    }

    #[test]
    fn undoing_a_plan_gives_the_user_back_but_for_the_password(
        user in any_user(), fog in fog(), rule in any_rule()
    ) {
        let (entry, _) = rule;
        let rule = bind(&rule);
        for before in [Resource::from(through(&fog, &user)), Resource::from(user)] {
            let mut live = before.clone();
            let proposal = plan(&*rule, &live);
            let plan = Plan::new(live.identity(), proposal.steps, proposal.left).unwrap();
            carry_out(&plan.steps, &mut live)?;

            let json = serde_json::to_string(&carried_out(entry, plan.clone())).unwrap();
            let undo = undo(&serde_json::from_str(&json).unwrap());
            carry_out(&undo.plan.steps, &mut live)?;

            let took_password = plan.steps.iter().any(|step| matches!(step, Step::DeleteLoginProfile { .. }));
            let deleted: Vec<&AccessKeyId> = plan.steps.iter().filter_map(|step| match step {
                Step::DeleteAccessKey { key, .. } => Some(key),
                _ => None,
            }).collect();
            prop_assert_eq!(undo.lost.len(), usize::from(took_password) + deleted.len());
            let mut before = in_order(before);
            if let Fact::Known(keys) = &mut before.access_keys {
                keys.retain(|key| !key.id.known().is_ok_and(|id| id.is_some_and(|id| deleted.contains(&id))));
            }
            let mut after = in_order(live);
            if took_password {
                prop_assert_eq!(&after.login_profile, &Fact::Absent);
                after.login_profile.clone_from(&before.login_profile);
            }
            prop_assert_eq!(after, before);
        }
    }
}

#[test]
fn these_users_break_and_keep_every_rule() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = Vec::new();
    for _ in 0..500 {
        let user = any_user().new_tree(&mut runner).unwrap().current();
        let dim = through(&fog().new_tree(&mut runner).unwrap().current(), &user);
        for rule in about_users() {
            let bound = rule.bind(&Value::Null).unwrap();
            for user in [&user, &dim] {
                let outcome = (rule.meta.id, judge(&*bound, user));
                if !seen.contains(&outcome) {
                    seen.push(outcome);
                }
            }
        }
    }
    assert_eq!(seen.len(), 3 * about_users().len(), "{seen:?}");
}
