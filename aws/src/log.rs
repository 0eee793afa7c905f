//! What is written down for people and metrics: one JSON line a decision, and its counts in `CloudWatch`'s embedded
//! metric format. Key ids are masked; policies and tokens never come here.

mod metrics;

use jiff::Timestamp;
use shared::engine::{
    Answered, Decision, Heard, Judged, LeftOpen, Matter, Novelty, Observe, OpenEntry, Outcome, Summary,
};
use shared::facts::ResourceIdentity;
use shared::governance::Exemption;
use shared::remedy::chain::Head;
use shared::remedy::{Approver, Entry, StepResult};
use shared::rules::RuleId;
use shared::threat::Threat;
use tracing::level_filters::LevelFilter;
use tracing::{debug, error, info, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use metrics::Counts;
use shared::masked::Masked;

/// The function's log.
#[derive(Debug, Clone)]
pub struct Log {
    function: String,
}

impl Log {
    /// The log of the function of this name.
    pub fn new(function: impl Into<String>) -> Self {
        Self { function: function.into() }
    }

    fn count(&self, counts: &Counts) {
        if let Some(line) = counts.line(&self.function, jiff::Timestamp::now()) {
            println!("{line}");
        }
    }
}

/// Writes log lines as JSON to standard output, from `level` upwards. Lambda adds the time.
///
/// The level is for Bailiff's own lines. The SDK says too much below a warning: keys, and whole requests.
pub fn init(level: Option<&str>) {
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let lines = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("aws::", level)
        // The span that names the request.
        .with_target("lambda_runtime::layers::trace", LevelFilter::INFO)
        // It repeats what a handler failed with, which `lambda` has written down already.
        .with_target("lambda_runtime::layers::api_response", LevelFilter::OFF);
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false)
        .without_time()
        .with_filter(lines);
    // Fails where one is set already; that one serves as well.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

impl Observe for Log {
    fn decided(&self, decision: &Decision) {
        self.decided_at(decision, None);
    }
}

impl Log {
    /// Writes a decision down. With the head of the journal's chain its line is a witness of all that was written
    /// before it.
    pub fn decided_at(&self, decision: &Decision, head: Option<&Head>) {
        match decision {
            Decision::Judged { rule, resource, judged, .. } => {
                log_judged(rule.as_str(), resource.arn().as_str(), judged);
            }
            Decision::Sent { rule, resource, to } => {
                let (rule, resource, to) = (rule.as_str(), resource.arn().as_str(), to.as_str());
                info!(decision = "sent", rule, resource, to);
            }
            Decision::NotAnnounced { rule, resource, why } => {
                let (rule, resource) = (rule.as_str(), resource.arn().as_str());
                warn!(decision = "not-announced", rule, resource, why = %Masked(why));
            }
            Decision::Remediated { outcome } => {
                log_outcome(outcome, head);
                self.count(&Counts::of_outcome(outcome));
            }
            Decision::NotNotified { entry, why } => {
                error!(decision = "not-notified", entry = entry.as_str(), why = %Masked(why));
                self.count(&Counts::of_untold());
            }
            Decision::Told { key, to, because } => {
                info!(decision = "told", notice = key.as_str(), to = %to, because = %Masked(because));
            }
            Decision::PutOff { key, to } => info!(decision = "put-off", notice = key.as_str(), to = %to),
            Decision::NotTold { key, to, why } => {
                warn!(decision = "not-told", notice = key.as_str(), to = %to, why = %Masked(why));
            }
            Decision::Tripped { limit, most, rule, resource } => {
                let (rule, resource) = (rule.as_str(), resource.arn().as_str());
                error!(decision = "tripped", limit = limit.as_str(), most, rule, resource);
                self.count(&Counts::of_trip());
            }
            Decision::Threatened { resource, threat, new } => {
                log_threat(resource.arn().as_str(), threat, *new);
            }
            Decision::NotPaged { threat, calls, paged } => {
                warn!(
                    decision = "not-paged",
                    source = %threat.source,
                    id = %Masked(&threat.id),
                    sign = %threat.sign,
                    said = %Masked(&threat.said),
                    by = threat.by.as_deref(),
                    calls,
                    paged,
                );
            }
            Decision::NotFirst { source, id, why } => {
                info!(decision = "not-first", source = %source, id = %Masked(id), why = %Masked(why));
            }
            Decision::Ignored { source, id, why } => {
                info!(decision = "ignored", source = %source, id = %Masked(id), why = %Masked(why));
            }
            Decision::PutBack { key, resource, by } => {
                let resource = resource.arn().as_str();
                warn!(decision = "put-back", notice = key.as_str(), resource, by = %Masked(&by.join("; ")));
            }
            Decision::NotRemembered { why } => warn!(decision = "not-remembered", why = %Masked(why)),
            Decision::Exemptions { lapsing, lapsed, at } => {
                for one in lapsing {
                    log_exemption("exemption-lapsing", one, *at);
                }
                for one in lapsed {
                    log_exemption("exemption-lapsed", one, *at);
                }
                self.count(&Counts::of_exemptions(lapsing));
            }
            Decision::Answered { by, about, resource, reason, answered } => {
                log_answer(by, about, resource, reason, answered);
            }
            Decision::Heard { heard, source, by_list } => {
                log_heard(heard, source);
                if *by_list {
                    self.count(&Counts::of_read_list());
                }
            }
            Decision::ListRefused { source, why } => {
                error!(decision = "list-refused", source = %Masked(source), why = %Masked(why));
                self.count(&Counts::of_read_list());
                self.count(&Counts::of_refused_list());
            }
            Decision::LeftOpen { left, oldest } => {
                log_left_open(*left, oldest.as_ref());
                self.count(&Counts::of_left_open(*left));
            }
            Decision::NotListed { why } => warn!(decision = "not-listed", why = %Masked(why)),
            Decision::Swept { stopped } => {
                if let Some(why) = stopped {
                    warn!(decision = "swept", stopped = true, why = %Masked(why));
                } else {
                    info!(decision = "swept", stopped = false);
                }
                self.count(&Counts::of_sweep(stopped.is_some()));
            }
            Decision::Evaluated { summary } => {
                log_summary(summary);
                self.count(&Counts::of_summary(summary));
            }
        }
    }
}

/// A person's answer.
fn log_answer(by: &Approver, about: &Matter, resource: &ResourceIdentity, reason: &str, answered: &Answered) {
    let resource = resource.arn().as_str();
    info!(
        decision = "answered",
        entry = answered.entry.as_str(),
        by = by.arn.as_str(),
        person = by.person,
        %about,
        resource,
        reason = %Masked(reason),
        approved = answered.approved,
        needed = answered.needed,
        refused = answered.refused,
    );
}

/// What came of a list of people, or of one of them.
fn log_heard(heard: &Heard, source: &str) {
    info!(
        decision = "heard",
        source = %Masked(source),
        people = heard.people,
        matched = heard.matched,
        kept = heard.kept,
        left = heard.left,
        waiting = heard.waiting,
        ambiguous = heard.ambiguous,
        back = heard.back,
        moved = heard.moved,
        unusableEmails = heard.unusable_emails,
        findings = heard.findings,
    );
}

/// A sweep of thousands of users judges each by every rule: what is in order is told to those who ask for it.
fn log_judged(rule: &str, resource: &str, judged: &Judged) {
    match judged {
        Judged::Compliant => debug!(decision = "judged", rule, resource, verdict = "compliant"),
        Judged::NotApplicable { why } => {
            debug!(decision = "judged", rule, resource, verdict = "not-applicable", why = %Masked(why));
        }
        Judged::NonCompliant { annotation } => {
            let annotation = Masked(annotation);
            info!(decision = "judged", rule, resource, verdict = "non-compliant", %annotation);
        }
        Judged::Exempt { annotation, ticket, until } => {
            let (annotation, ticket, until) = (Masked(annotation), ticket.as_str(), until.as_str());
            info!(decision = "judged", rule, resource, verdict = "exempt", %annotation, ticket, until);
        }
        Judged::Unknown { unread } => {
            let unread = unread.to_string();
            warn!(decision = "judged", rule, resource, verdict = "unknown", unread = %Masked(&unread));
        }
    }
}

fn log_left_open(left: LeftOpen, oldest: Option<&OpenEntry>) {
    if left.abandoned + left.untold == 0 {
        debug!(decision = "left-open", abandoned = 0, untold = 0);
        return;
    }
    warn!(
        decision = "left-open",
        abandoned = left.abandoned,
        untold = left.untold,
        handedOver = left.handed_over,
        stuck = left.stuck,
        oldest = oldest.map(|open| open.entry.as_str()),
        opened = oldest.map(|open| open.opened.to_string()),
        resource = oldest.map(|open| open.resource.arn().as_str()),
        remediator = oldest.map(|open| open.remediator.as_str()),
    );
}

fn log_threat(resource: &str, threat: &Threat, new: bool) {
    warn!(
        decision = "threatened",
        resource,
        source = %threat.source,
        id = %Masked(&threat.id),
        sign = %threat.sign,
        risk = threat.risk.score(),
        terms = %threat.risk,
        said = %Masked(&threat.said),
        by = threat.by.as_deref(),
        new,
    );
}

fn log_exemption(decision: &str, exemption: &Exemption, at: Timestamp) {
    let (ticket, owner) = (exemption.ticket.as_str(), exemption.owner.as_str());
    warn!(
        decision,
        rule = exemption.rule.as_str(),
        exempt = %exemption.subject,
        exemption = exemption.name(),
        ticket,
        owner,
        until = exemption.last_day(),
        daysLeft = exemption.days_left(at),
    );
}

fn log_outcome(outcome: &Outcome, head: Option<&Head>) {
    match outcome {
        Outcome::NothingToDo { rule, resource, why } => {
            let (rule, resource) = (rule.map(RuleId::as_str), resource.arn().as_str());
            let head = head.map(Head::to_string);
            info!(decision = "nothing-to-do", rule, resource, why = %Masked(why), head);
        }
        Outcome::Journaled { entry, novelty } => log_entry(entry, *novelty, head),
    }
}

fn log_entry(entry: &Entry, novelty: Novelty, head: Option<&Head>) {
    let cause = entry.cause.to_string();
    let steps: Vec<String> = entry.plan.steps.iter().map(ToString::to_string).collect();
    let results: Vec<&str> = entry.outcomes.iter().map(|outcome| result_word(&outcome.result)).collect();
    let refusal = entry.refusal.as_ref().map(ToString::to_string);
    info!(
        decision = "remediated",
        entry = entry.id.as_str(),
        resource = entry.plan.resource.arn().as_str(),
        cause = %Masked(&cause),
        remediator = entry.remediator.as_str(),
        mode = %entry.mode,
        status = %entry.status,
        steps = %Masked(&steps.join("; ")),
        results = results.join("; "),
        refusal = refusal.as_deref().map(|refusal| Masked(refusal).to_string()),
        left = entry.plan.left.len(),
        lost = entry.lost.len(),
        novelty = novelty.as_str(),
        head = head.map(Head::to_string),
    );
}

fn log_summary(summary: &Summary) {
    info!(
        decision = "evaluated",
        compliant = summary.compliant,
        nonCompliant = summary.non_compliant,
        exempt = summary.exempt,
        notApplicable = summary.not_applicable,
        unknown = summary.unknown,
        findings = summary.findings,
        reported = summary.reported,
    );
}

/// A step's result in one word.
pub(crate) fn result_word(result: &StepResult) -> &'static str {
    match result {
        StepResult::Verified => "verified",
        StepResult::AlreadyDone => "already-done",
        StepResult::Refused { .. } => "refused",
        StepResult::Failed { .. } => "failed",
        StepResult::Unknown { .. } => "unknown",
    }
}

#[cfg(test)]
mod tests;
