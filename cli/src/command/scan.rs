mod by_rule;
mod text;
mod tiers;

use std::collections::BTreeMap;
use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;
use shared::engine::{AccountEvaluator, Decision, Judged, Summary};
use shared::event::Event;
use shared::facts::ResourceIdentity;
use shared::governance::{Exemption, Governance, TooWide, Unmatched};
use shared::rules::{RULES, ResourceType, RuleId, Severity};
use sim::{AccountFile, Local};

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Format, json};
use crate::input::Input;
use crate::local;
use crate::page::Page;
use crate::report::{AtWork, Exempted, Looked};
use by_rule::RuleResult;
use tiers::Tiers;

/// Judges a whole account by every rule and changes nothing
///
/// Only the read-only half of the engine runs, whatever modes the governance file sets.
#[derive(Debug, clap::Args)]
#[command(after_help = crate::exit::CODES)]
pub(crate) struct Scan {
    /// The account; `-` for standard input
    #[arg(long, value_name = "FILE")]
    account: Input,
    /// The governance file; without one, that which ships with Bailiff
    #[arg(long, value_name = "FILE")]
    governance: Option<Input>,
    /// How to write what was found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A sweep's result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scanned {
    account: String,
    at: Timestamp,
    summary: Summary,
    /// Rules that somebody breaks, is exempt from or could not be judged by, worst first.
    rules: Vec<RuleResult>,
    resources: Vec<Suspect>,
    /// How powerful each user and role is.
    tiers: Tiers,
    /// Rules about the account itself that were not judged, because the file does not tell of it.
    not_told: Vec<RuleId>,
    /// Entries of the governance file that protect every user or every role.
    too_wide: Vec<TooWide>,
    /// Every exemption of the governance file, and what those in force let be.
    pub(super) exemptions: Vec<Exempted>,
    /// Entries of the governance file that name nobody in the account.
    unmatched: Vec<Unmatched>,
}

/// A resource of which there is something to say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Suspect {
    resource: ResourceIdentity,
    judgements: Vec<Judgement>,
}

/// What a rule says of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Judgement {
    rule: RuleId,
    severity: Option<Severity>,
    #[serde(flatten)]
    judged: Judged,
}

impl Scan {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        Input::check_stdin([&self.account].into_iter().chain(&self.governance))?;
        let mut account = local::account(&self.account)?;
        let governance = local::governance(self.governance.as_ref())?;
        let not_told = not_told(&account, &governance);
        account.account_settings.get_or_insert_default();
        let local = local::deploy(account, governance.without(&not_told))?;
        let scanned = Scanned { not_told, ..sweep(&local, Exemption::NOTICE_DAYS)? };
        match self.format {
            Format::Json => json(out, &scanned)?,
            Format::Text => text::show(&mut Page::new(out), &scanned)?,
        }
        let clean = scanned.summary.non_compliant == 0 && scanned.summary.unknown == 0;
        Ok(if clean { Exit::Done } else { Exit::Findings })
    }
}

/// Of the rules about the account itself those that users and their keys tell enough for. The others hang on
/// `accountSettings`, or on all that is in the account, which a file without these hardly tells.
const TOLD_BY_USERS: [&str; 2] = ["too-many-keys", "too-many-users"];

/// The rules that the file does not tell enough for.
fn not_told(account: &AccountFile, governance: &Governance) -> Vec<RuleId> {
    let about_it = RULES.iter().map(|entry| &entry.meta).filter(|meta| {
        account.account_settings.is_none()
            && meta.applies_to.contains(&ResourceType::Account)
            && governance.rule(meta.id).enabled
    });
    about_it.map(|meta| meta.id).filter(|id| !TOLD_BY_USERS.contains(&id.as_str())).collect()
}

/// Runs the evaluator alone: its findings go nowhere. Exemptions that lapse within so many days are pointed out.
pub(super) fn sweep(local: &Local, notice_days: u16) -> Result<Scanned, CliError> {
    let account = local.deployment.account.to_string();
    let at = local.world.now();
    let schedule = serde_json::json!({
        "version": "0",
        "id": "scan",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": at,
        "region": "local",
        "resources": [],
        "detail": {},
    });
    let impossible = |why: String| CliError::Deployment { account: account.clone(), why };
    let schedule = match Event::parse(&schedule) {
        Ok(Event::Scheduled(schedule)) => schedule,
        Ok(Event::ConfigRule(_)) => return Err(impossible("its schedule is none".to_owned())),
        Err(error) => return Err(impossible(error.to_string())),
    };
    local.world.mute();
    let evaluator = AccountEvaluator {
        ports: &local.world,
        governance: &local.governance,
        deployment: &local.deployment,
    };
    let (summary, standings) = pollster::block_on(evaluator.survey(&schedule))?;
    let decisions = local.world.take_decisions();
    let at_work = AtWork::of(&decisions);
    let resources = suspects(decisions);
    let unmatched = local.governance.unmatched(&local.world.inhabitants(), at);
    Ok(Scanned {
        account,
        at,
        summary,
        rules: by_rule::results(&resources),
        resources,
        tiers: Tiers::of(standings),
        not_told: Vec::new(),
        too_wide: local.governance.too_wide(),
        exemptions: Exempted::all(
            &local.governance,
            at,
            notice_days,
            Some(&Looked { at_work: &at_work, unmatched: &unmatched }),
        ),
        unmatched,
    })
}

fn suspects(decisions: Vec<Decision>) -> Vec<Suspect> {
    let mut by_resource: BTreeMap<ResourceIdentity, Vec<Judgement>> = BTreeMap::new();
    for decision in decisions {
        match decision {
            Decision::Judged { judged: Judged::Compliant | Judged::NotApplicable { .. }, .. } => {}
            Decision::Judged { rule, resource, judged, .. } => {
                let severity = shared::rules::find(rule).map(|entry| entry.meta.severity);
                by_resource.entry(resource).or_default().push(Judgement { rule, severity, judged });
            }
            _ => {}
        }
    }
    let mut suspects: Vec<Suspect> =
        by_resource.into_iter().map(|(resource, judgements)| Suspect { resource, judgements }).collect();
    suspects.sort_by(|a, b| a.resource.name().cmp(b.resource.name()));
    suspects
}
