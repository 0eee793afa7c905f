use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::facts::ResourceIdentity;
use shared::organization::OrganizationPolicies;
use shared::remedy::{Entry, QUARANTINE_TAG, Remediator, Status, Step};
use shared::rules::{RULES, RuleId};

use crate::simulator::Ran;
use crate::simulator::accounts::{ACCOUNT, NOW, ago, read};
use crate::simulator::adversary::{ADMINISTRATORS, Adversary, Made, Target, Undoes, organization};
use crate::simulator::dice::Dice;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook};
use crate::simulator::stage::{Stage, principals, quarantine};
use crate::world::{Moment, Went, WriteSeen};

/// Of ten accounts, so many have room to attach the quarantine policy, and so many at least for one of its text inline.
const ATTACHMENT: usize = 6;
const INLINE: usize = 8;

static ORGANIZATION: LazyLock<OrganizationPolicies> = LazyLock::new(organization);

/// So many changes of one boundary page people within an hour, each by itself.
const PAGES_AN_HOUR: usize = 5;

/// How long the attacker goes on.
const ATTACK: SignedDuration = SignedDuration::from_secs(90);
/// How far the moment of a report may lie from a look at whether it is true: the attacker looks twice a second.
const LOOKS_APART: SignedDuration = SignedDuration::from_millis(600);

/// With the organisation's policies in force.
pub(super) fn held(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("containment-holds", seed);
    let world = Attack::run(&mut dice, Some(ORGANIZATION.clone()), traced);
    world.judged(Attack::not_held, |attack| attack.held_from().is_some())
}

/// Without them.
pub(super) fn told(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("undoing-is-told", seed);
    let world = Attack::run(&mut dice, None, traced);
    world.judged(Attack::not_told, |attack| !attack.undone.is_empty())
}

/// A principal is suspended, and an attacker undoes what can be undone.
struct Attack {
    stage: Stage,
    lag: SignedDuration,
    target: Target,
    adversary: Rc<RefCell<Adversary>>,
    /// What was undone, and whether people know of it once its event has been heard.
    undone: Vec<(Made, Undoes, bool)>,
    /// Whether it was alive in the end, all having been heard and having settled.
    alive_at_the_end: bool,
}

/// What the deny was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Attachment,
    Inline,
    Boundary,
}

impl Means {
    /// What a write denies by.
    fn of(step: &Step) -> Self {
        match step {
            Step::AttachUserPolicy { .. } | Step::AttachRolePolicy { .. } => Self::Attachment,
            Step::PutUserPolicy { .. } | Step::PutRolePolicy { .. } => Self::Inline,
            _ => Self::Boundary,
        }
    }
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
        stage.local.denies_first = dice.chance(500);
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
        let adversary = Rc::new(RefCell::new(adversary));
        stage.local.world.let_meddle(Some(Adversary::meddler(&adversary)));
        stage.local.world.advance(SignedDuration::from_millis(dice.between(0, 3_000)));

        // By a person's order, or because a detector says so.
        if dice.chance(500) {
            let _ = stage.order(target.arn());
        } else {
            // As a sweep would have found.
            stage.local.world.know_administrator(target.unique_id());
            stage.local.deliver(&finding(&target));
        }
        let delays: Vec<i64> = (0..64).map(|_| dice.between(1, 60)).collect();
        let undone = Vec::new();
        let mut attack = Self { stage, lag, target, adversary, undone, alive_at_the_end: false };
        attack.listen(until, &delays);
        attack.stage.local.world.advance(lag);
        attack.alive_at_the_end =
            attack.stage.local.world.at_this_moment(|moment| attack.adversary.borrow().is_alive(moment));
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
            let world = &self.stage.local.world;
            let was_alive = world.at_this_moment(|moment| self.adversary.borrow().is_alive(moment));
            self.stage.local.deliver(&made.event);
            if let Some(undid) = made.undid {
                let world = &self.stage.local.world;
                let told = world.at_this_moment(|moment| self.is_told(moment, &made, undid, was_alive));
                self.undone.push((made, undid, told));
            }
        }
    }

    /// Whether people know of it: its own event paged, or they were told of what was done to the same user or role since. A
    /// deny must then stand again, whoever put it back.
    fn is_told(&self, moment: &Moment<'_>, made: &Made, undid: Undoes, was_alive: bool) -> bool {
        let alive = self.adversary.borrow().is_alive(moment);
        let paged = moment.is_paged_of(made.id(), made.pages_before);
        let answered = || moment.is_told_of(self.target.arn(), made.notices_before, made.at);
        match undid {
            Undoes::Deny => paged || (answered() && !alive) || self.were_often_told_of_its_boundary(made),
            Undoes::Credential => paged || answered(),
            // Of the mark a caller brings about a few pages an hour, and none about whoever is in no quarantine when it is heard
            // of: that the deny went, too, is another call, which is judged by itself.
            Undoes::Mark => {
                let before = || self.undone.iter().any(|(_, what, told)| *what == Undoes::Mark && *told);
                paged || was_alive || alive || answered() || before()
            }
            Undoes::Policy => paged,
        }
    }

    /// Whether it is one more change of a boundary after those that page people within an hour: from then on they are told of
    /// in sums (docs/threats.md, "The watch").
    fn were_often_told_of_its_boundary(&self, made: &Made) -> bool {
        let is_one = |made: &Made| made.call.ends_with("PermissionsBoundary");
        let told = self.undone.iter().filter(|(other, _, told)| *told && is_one(other));
        is_one(made) && told.count() >= PAGES_AN_HOUR
    }

    fn judged(mut self, violation: fn(&Self) -> Option<String>, is_judged: fn(&Self) -> bool) -> Ran {
        let violation = violation(&self).or_else(|| self.falsely_reported()).or_else(|| self.left_open());
        let adversary = self.adversary.borrow();
        let done = adversary.made.iter().filter(|made| made.went == Went::Done).count();
        self.stage.tally.other_actors += done as u64;
        self.stage.tally.met += self.undone.len() as u64;
        if let Some(means) = self.means().filter(|_| is_judged(&self)) {
            let tally = &mut self.stage.tally;
            tally.judged += 1;
            match means {
                Means::Attachment => tally.by_attachment += 1,
                Means::Inline => tally.by_inline += 1,
                Means::Boundary => tally.by_boundary += 1,
            }
        }
        self.stage.tally.poison +=
            adversary.made.iter().filter(|made| made.went == Went::Denied).count() as u64;
        drop(adversary);
        Ran { tally: self.stage.counted(), violation, trace: self.stage.local.world.take_trace() }
    }

    /// The writes on whoever is suspended that came through and that this is true of.
    fn written(&self, what: fn(&Step) -> bool) -> Vec<WriteSeen> {
        let mut writes = self.stage.local.world.writes();
        let on_target = |step: &Step| step.resource().arn() == self.target.arn();
        writes.retain(|write| what(&write.step) && on_target(&write.step) && write.refused.is_none());
        writes
    }

    /// By what it was first denied.
    fn means(&self) -> Option<Means> {
        self.written(Step::denies).first().map(|write| Means::of(&write.step))
    }

    /// What the attacker took off, by when.
    fn taken_off(&self) -> Vec<(Timestamp, &'static str)> {
        let adversary = self.adversary.borrow();
        let counts = |made: &&Made| made.undid.is_some_and(|undid| undid != Undoes::Credential);
        adversary.made.iter().filter(counts).map(|made| (made.at, made.call)).collect()
    }

    /// From when the mark showed.
    fn marked(&self) -> Option<Timestamp> {
        let marks = self.written(is_mark);
        marks.first().map(|mark| mark.at.saturating_add(self.lag).unwrap_or(mark.at))
    }

    /// From when the organisation's policies hold what denies. An attached policy they know by itself; what denies otherwise
    /// by the mark, once that shows: it stands then, or it was taken off in time and is put back.
    fn held_from(&self) -> Option<Timestamp> {
        let denials = self.written(Step::denies);
        if self.means()? == Means::Attachment {
            return denials.first().map(|deny| deny.at);
        }
        let marked = self.marked()?;
        let last = self.taken_off().into_iter().map(|(at, _)| at).filter(|at| *at <= marked).max();
        let put_back = denials.iter().map(|deny| deny.at).find(|at| last.is_none_or(|last| *at > last));
        put_back.map(|at| at.max(marked))
    }

    /// The principal is out within one lag of when the deny is held, and stays out; and nobody new came in.
    fn not_held(&self) -> Option<String> {
        if self.means().is_none() {
            return Some("nothing was denied".to_owned());
        }
        let adversary = self.adversary.borrow();
        let new = ["CreateUser", "CreateAccessKey", "CreateLoginProfile"];
        let came = adversary.made.iter().find(|made| made.went == Went::Done && new.contains(&made.call));
        if let Some(came) = came {
            return Some(format!("{} went through at {}", came.call, came.at));
        }
        let held = self.held_from()?;
        let shut = held.saturating_add(self.lag).unwrap_or(held);
        let alive = adversary.looks.iter().find(|(at, alive)| *at > shut && *alive);
        if let Some((at, _)) = alive {
            return Some(format!("held from {held}, lag {:#}, and alive at {at}", self.lag));
        }
        let kept = self.marked()?.max(held);
        let (at, call) = self.taken_off().into_iter().find(|(at, _)| *at > kept)?;
        Some(format!("{call} went through at {at}, and it was kept from {kept}"))
    }

    /// Each undo is heard of, and told to people.
    fn not_told(&self) -> Option<String> {
        let (untold, undid, _) = self.undone.iter().find(|(_, _, told)| !told)?;
        Some(format!("{} at {} undid the {undid:?}, and nobody was told", untold.call, untold.at))
    }

    /// Once all has been heard, it is contained again.
    fn left_open(&self) -> Option<String> {
        self.alive_at_the_end.then(|| "all was heard, and it is alive".to_owned())
    }

    /// Nobody is reported as contained who is not. A first deny reports nobody: the suspension after it does, and looks
    /// whether anybody took it off.
    fn falsely_reported(&self) -> Option<String> {
        let entries = self.stage.local.world.entries();
        let of_target = |entry: &&Entry| {
            entry.remediator == Remediator::SuspendPrincipal
                && entry.plan.resource.arn() == self.target.arn()
                && entry.status == Status::Verified
                && !entry.denies_first()
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

/// Whether it sets the mark of a quarantine.
fn is_mark(step: &Step) -> bool {
    matches!(step, Step::TagUser { tag, .. } | Step::TagRole { tag, .. } if tag == QUARANTINE_TAG)
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
        "roles": [{"name": "release-manager", "created": ago(500), "attachedPolicies": attached,
            "trust": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]}}],
        "groups": [{"name": ADMINISTRATORS, "attachedPolicies": [admin]}],
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
