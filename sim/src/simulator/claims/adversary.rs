use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::facts::ResourceIdentity;
use shared::organization::OrganizationPolicies;
use shared::remedy::{Entry, Remediator, Status};
use shared::rules::{RULES, RuleId};

use crate::simulator::Ran;
use crate::simulator::accounts::{ACCOUNT, NOW, ago, read};
use crate::simulator::adversary::{Adversary, Made, Target, organization};
use crate::simulator::dice::Dice;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook};
use crate::simulator::stage::{Stage, principals, quarantine};
use crate::world::Went;

/// Of ten accounts, so many have room to attach the quarantine policy, and so many at least for one of its text inline.
const ATTACHMENT: usize = 6;
const INLINE: usize = 8;

static ORGANIZATION: LazyLock<OrganizationPolicies> = LazyLock::new(organization);

/// How long the attacker goes on.
const ATTACK: SignedDuration = SignedDuration::from_secs(90);
/// How far the moment of a report may lie from a look at whether it is true: the attacker looks twice a second.
const LOOKS_APART: SignedDuration = SignedDuration::from_millis(600);

/// With the organisation's policies in force.
pub(super) fn held(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("containment-holds", seed);
    let world = Attack::run(&mut dice, Some(ORGANIZATION.clone()), traced);
    world.judged(Attack::not_held)
}

/// Without them.
pub(super) fn told(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("undoing-is-told", seed);
    let world = Attack::run(&mut dice, None, traced);
    world.judged(Attack::not_told)
}

/// A principal is suspended, and an attacker undoes what can be undone.
struct Attack {
    stage: Stage,
    lag: SignedDuration,
    target: Target,
    adversary: Rc<RefCell<Adversary>>,
    /// Whether the deny can be the attached policy: there is room for it, and the attacker leaves it.
    by_attachment: bool,
    /// What was done that takes off what denies, and whether people know of it once its event has been heard.
    lifted: Vec<(Made, bool)>,
}

impl Attack {
    fn run(dice: &mut Dice, organization: Option<OrganizationPolicies>, traced: bool) -> Self {
        let of_role = dice.chance(250);
        let room = dice.below(10);
        let account = account(dice, room);
        let on: Vec<RuleId> = RULES
            .iter()
            .map(|rule| rule.meta.id)
            .filter(|id| id.as_str() == "principal-threatened")
            .collect();
        let mut stage =
            Stage::new(account, Rulebook::only(&on, "enforce", NO_LIMITS).governance, dice.fork(), traced);
        let lag = SignedDuration::from_millis(dice.between(0, 10_000));
        stage.local.world.set_lag(lag);
        let (mut target, mut second) = (None, None);
        for principal in principals(&stage.local.world.account()) {
            match principal {
                ResourceIdentity::User(user) if user.name.as_str() == "eve" => second = Some(user),
                ResourceIdentity::User(user) if !of_role => target = Some(Target::User(user)),
                ResourceIdentity::Role(role) if of_role => target = Some(Target::Role(role)),
                _ => {}
            }
        }
        let (Some(target), Some(second)) = (target, second) else { unreachable!("they are in the account") };
        let began = stage.now();
        let until = began.saturating_add(ATTACK).unwrap_or(began);
        let adversary = Adversary::new(target.clone(), second, organization, (began, until), dice.fork());
        let by_attachment = room < ATTACHMENT && !adversary.fills;
        let adversary = Rc::new(RefCell::new(adversary));
        stage.local.world.let_meddle(Some(Adversary::meddler(&adversary)));
        stage.local.world.advance(SignedDuration::from_millis(dice.between(0, 3_000)));

        // By a person's order, or because a detector says so.
        if dice.chance(500) {
            let _ = stage.order(target.arn());
        } else {
            stage.local.deliver(&finding(&target));
        }
        let delays: Vec<i64> = (0..64).map(|_| dice.between(1, 60)).collect();
        let mut attack = Self { stage, lag, target, adversary, by_attachment, lifted: Vec::new() };
        attack.listen(until, &delays);
        attack
    }

    /// Hands on what CloudTrail tells, each call after a while, until the attacker has given up and all is told.
    fn listen(&mut self, until: Timestamp, delays: &[i64]) {
        let mut heard = 0;
        loop {
            self.stage.local.world.at_this_moment(|moment| self.adversary.borrow_mut().catch_up(moment));
            let next = self.adversary.borrow().made.get(heard).cloned();
            let Some(made) = next else {
                if self.stage.now() > until {
                    return;
                }
                self.stage.local.world.advance(SignedDuration::from_millis(500));
                continue;
            };
            let delay = delays.get(heard % delays.len().max(1)).copied().unwrap_or_default();
            let due = made.at.saturating_add(SignedDuration::from_secs(delay)).unwrap_or(made.at);
            if self.stage.now() < due {
                self.stage.local.world.advance(SignedDuration::from_millis(500));
                continue;
            }
            heard += 1;
            self.stage.tally.events += 1;
            self.stage
                .local
                .world
                .note(|| format!("CloudTrail: {} by the attacker: {:?}", made.call, made.went));
            let paged_before = self.stage.local.world.at_this_moment(|moment| moment.paged());
            self.stage.local.deliver(&made.event);
            if made.lifts {
                let (paged, told, alive) = self.stage.local.world.at_this_moment(|moment| {
                    (moment.paged(), moment.told(), self.adversary.borrow().is_alive(moment))
                });
                // Its own event pages, unless it was put back by then, by whatever means; of what is done to the policy people
                // are told by what comes of it.
                let put_back = told > made.told_before && (!alive || is_of_a_policy(&made));
                let is_told = paged > paged_before || put_back;
                self.lifted.push((made, is_told));
            }
        }
    }

    fn judged(mut self, violation: fn(&Self) -> Option<String>) -> Ran {
        let violation = violation(&self).or_else(|| self.falsely_reported());
        let adversary = self.adversary.borrow();
        let done = adversary.made.iter().filter(|made| made.went == Went::Done).count();
        self.stage.tally.other_actors += done as u64;
        self.stage.tally.met += self.lifted.len() as u64;
        self.stage.tally.poison +=
            adversary.made.iter().filter(|made| made.went == Went::Denied).count() as u64;
        drop(adversary);
        Ran { tally: self.stage.counted(), violation, trace: self.stage.local.world.take_trace() }
    }

    /// When the first deny was written.
    fn denied_at(&self) -> Option<Timestamp> {
        let writes = self.stage.local.world.writes();
        let deny = writes.iter().find(|write| write.step.denies() && write.refused.is_none());
        deny.map(|write| write.at)
    }

    /// The principal is out within one lag of the first deny, and stays out; and nobody new came in.
    fn not_held(&self) -> Option<String> {
        // Without room to attach it the deny lies where no policy of the organisation knows it.
        if !self.by_attachment {
            return None;
        }
        let Some(denied) = self.denied_at() else { return Some("nothing was denied".to_owned()) };
        let adversary = self.adversary.borrow();
        let shut = denied.saturating_add(self.lag).unwrap_or(denied);
        let alive = adversary.looks.iter().find(|(at, alive)| *at > shut && *alive);
        if let Some((at, _)) = alive {
            return Some(format!("denied at {denied}, lag {:#}, and alive at {at}", self.lag));
        }
        let new = ["CreateUser", "CreateAccessKey", "CreateLoginProfile"];
        let came = adversary.made.iter().find(|made| made.went == Went::Done && new.contains(&made.call))?;
        Some(format!("{} went through at {}", came.call, came.at))
    }

    /// Each undo of the deny is heard of, and told to people.
    fn not_told(&self) -> Option<String> {
        let (untold, _) = self.lifted.iter().find(|(_, told)| !told)?;
        Some(format!("{} at {} took off what denies, and nobody was told", untold.call, untold.at))
    }

    /// Nobody is reported as contained who is not.
    fn falsely_reported(&self) -> Option<String> {
        let entries = self.stage.local.world.entries();
        let of_target = |entry: &&Entry| {
            entry.remediator == Remediator::SuspendPrincipal
                && entry.plan.resource.arn() == self.target.arn()
                && entry.status == Status::Verified
        };
        let adversary = self.adversary.borrow();
        entries.iter().filter(of_target).find_map(|entry| {
            let closed = entry.closed?;
            let about = |at: Timestamp| closed.duration_since(at).abs() <= LOOKS_APART;
            let looks: Vec<_> = adversary.looks.iter().filter(|(at, _)| about(*at)).collect();
            // Who gave up before it was closed saw nothing of it.
            let saw_it = looks.iter().any(|(at, _)| *at >= closed);
            let false_ = saw_it && looks.iter().all(|(_, alive)| *alive);
            false_.then(|| format!("entry {} says contained at {closed}, and it is alive", entry.id))
        })
    }
}

/// Whether it is about the quarantine policy, and not about whom it is on.
fn is_of_a_policy(made: &Made) -> bool {
    ["CreatePolicyVersion", "DeletePolicy"].contains(&made.call)
}

/// Somebody to suspend, and a second administrator.
fn account(dice: &mut Dice, room: usize) -> crate::account_file::AccountFile {
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let mut attached = vec![admin.to_owned()];
    let mut inline = Vec::new();
    if room >= ATTACHMENT {
        attached.extend((0..9).map(|number| format!("arn:aws:iam::aws:policy/Other{number}")));
    }
    if room >= INLINE {
        let name = "big";
        inline = vec![
            json!({"name": name, "document": format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"{}\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}]}}", "x".repeat(1_930))}),
        ];
    }
    let quarantine = quarantine();
    read(json!({
        "account": ACCOUNT, "now": NOW,
        "users": [
            {"name": "ada", "created": ago(500), "attachedPolicies": attached, "inlinePolicies": inline,
             "accessKeys": [{"created": ago(20)}], "loginProfile": {"created": ago(20)}, "mfaDevices": ["m"],
             "otherCredentials": if dice.chance(300) { json!([{"kind": "sshPublicKey"}]) } else { json!([]) }},
            {"name": "eve", "created": ago(500), "attachedPolicies": [admin], "accessKeys": [{"created": ago(20)}]},
        ],
        "roles": [{"name": "deployer", "created": ago(500), "attachedPolicies": attached,
            "trust": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]}}],
        "policies": [{"name": quarantine.name(), "document": {"Version": "2012-10-17", "Statement": [
            {"Sid": "BailiffQuarantine", "Effect": "Deny", "Action": "*", "Resource": "*"}]}}],
    }))
}

/// A detector's finding of high severity: an administrator is suspended by it.
fn finding(target: &Target) -> Value {
    let details = match target {
        Target::User(user) => {
            json!({"principalId": user.unique_id, "userName": user.name, "userType": "IAMUser"})
        }
        Target::Role(role) => {
            json!({"principalId": format!("{}:s", role.unique_id), "userName": role.name, "userType": "AssumedRole"})
        }
    };
    json!({
        "version": "0", "id": "finding", "source": "aws.guardduty", "detail-type": "GuardDuty Finding",
        "account": ACCOUNT, "time": NOW, "region": "us-east-1", "resources": [],
        "detail": {
            "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "id": "finding-1",
            "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller", "severity": 8, "title": "Called by a bad address",
            "resource": {"resourceType": "AccessKey", "accessKeyDetails": details},
            "service": {"archived": false, "eventLastSeen": NOW, "additionalInfo": {}},
        }
    })
}
