mod analyze;
mod audit;
mod check;
mod coverage;
mod exempt;
mod explain;
mod incident;
mod organization;
mod permissions;
mod protected;
mod replay;
mod rules;
mod scan;
mod schema;
mod simulate;

use crate::demo;
use crate::error::CliError;
use crate::exit::{CODES, Exit};
use crate::out::Out;

/// Judges the identities of an AWS account and shows what is done about them.
///
/// It works on files and on a simulated account, through the engine that the
/// Lambda functions run. Nothing in here talks to AWS.
#[derive(Debug, clap::Parser)]
#[command(name = "bailiff", version, after_help = CODES, arg_required_else_help = true, verbatim_doc_comment)]
pub(crate) struct Bailiff {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Demo(demo::Demo),
    Replay(replay::Replay),
    Scan(scan::Scan),
    Rules(rules::Rules),
    Explain(explain::Explain),
    Coverage(coverage::Coverage),
    Permissions(permissions::Permissions),
    Protected(protected::Protected),
    Analyze(analyze::Analyze),
    Audit(audit::Audit),
    Check(check::Check),
    Exempt(exempt::Exempt),
    Incident(incident::Incident),
    Organization(organization::Organization),
    Schema(schema::Schema),
    Simulate(simulate::Simulate),
}

impl Command {
    /// Does what was asked for.
    pub(crate) fn run(&self, out: &mut Out) -> Result<Exit, CliError> {
        match self {
            Self::Demo(demo) => demo.run(out),
            Self::Replay(replay) => replay.run(out),
            Self::Scan(scan) => scan.run(out),
            Self::Rules(rules) => rules.run(out),
            Self::Explain(explain) => explain.run(out),
            Self::Coverage(coverage) => coverage.run(out),
            Self::Permissions(permissions) => permissions.run(out),
            Self::Protected(protected) => protected.run(out),
            Self::Analyze(analyze) => analyze.run(out),
            Self::Audit(audit) => audit.run(out),
            Self::Check(check) => check.run(out),
            Self::Exempt(exempt) => exempt.run(out),
            Self::Incident(incident) => incident.run(out),
            Self::Organization(organization) => organization.run(out),
            Self::Schema(schema) => schema.run(out),
            Self::Simulate(simulate) => simulate.run(out),
        }
    }
}
