use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use shared::facts::{Need, Read};
use shared::remedy::{Remediator, Write};
use shared::rules::{Entry, Level, Meta, Phase, ResourceType, RuleId, Severity, Trigger};

use super::defaults;

/// A rule, for tools.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described {
    id: RuleId,
    title: &'static str,
    severity: Severity,
    triggers: &'static [Trigger],
    applies_to: &'static [ResourceType],
    stands_for: &'static [&'static str],
    controls: &'static [&'static str],
    phase: Phase,
    effort: Level,
    benefit: Level,
    /// The function that puts it right; none where a person has to.
    remediator: Option<Remediator>,
    /// Facts that the verdict needs.
    needs: &'static [Need],
    /// Facts that the plan needs beside those.
    plan_needs: &'static [Need],
    /// IAM actions that judging the whole account takes.
    account_reads: BTreeSet<&'static str>,
    /// IAM actions that judging and planning for one live user or role takes.
    reads: BTreeSet<&'static str>,
    /// IAM actions its plan may hold.
    writes: Vec<&'static str>,
    /// With their defaults.
    parameters: Value,
}

impl From<&'static Entry> for Described {
    fn from(entry: &'static Entry) -> Self {
        let meta = &entry.meta;
        let in_bulk = meta.needs.iter().flat_map(|need| need.account_reads());
        Self {
            id: meta.id,
            title: meta.title(),
            severity: meta.severity,
            triggers: meta.triggers,
            applies_to: meta.applies_to,
            stands_for: meta.stands_for,
            controls: meta.controls,
            phase: meta.phase,
            effort: meta.effort,
            benefit: meta.benefit,
            remediator: meta.remediator,
            needs: meta.needs,
            plan_needs: meta.plan_needs,
            account_reads: in_bulk.map(|read| read.action()).collect(),
            reads: live_reads(meta).map(Read::action).collect(),
            writes: meta.steps.iter().map(|write: &Write| write.action()).collect(),
            parameters: defaults(entry),
        }
    }
}

/// What reading one live user or role takes. Of other resources it is not told.
fn live_reads(meta: &Meta) -> impl Iterator<Item = Read> {
    let principals = [ResourceType::User, ResourceType::Role];
    let kinds = principals.into_iter().filter(|kind| meta.applies_to.contains(kind));
    kinds.flat_map(|kind| {
        let facts = meta.needs.iter().chain(meta.plan_needs);
        facts.flat_map(move |need| need.live_reads(kind)).copied().chain(kind.found_by())
    })
}
