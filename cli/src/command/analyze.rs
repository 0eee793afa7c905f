mod answer;
mod document;

use std::io::{BufRead as _, BufReader, Read as _, Write};

use serde::Serialize;
use shared::identifier::{AccountId, OrganizationId};
use shared::policy::account::analyze_account;
use shared::policy::analysis::{
    Boundary, ByVerb, Circumstances, IdentityReport, NamedPolicy, Permissions, TrustContext, TrustReport,
    analyze_identity_with, analyze_policy,
};
use shared::policy::{Malformed, Policy, PolicyKind};

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::json;
use crate::input::Input;
use answer::Answer;

/// Says what a policy, or all the policies of an account, amount to
///
/// One JSON object comes back. A policy of a user, group or role: whether it makes
/// an administrator, by what way, and what is at stake. A role's trust policy: who
/// gets in. Any other: what in it does not mean what it seems to.
///
/// Of a whole account (--account-details), one object a line for each group, user
/// and role: whether it is an administrator, or can become one, and by which steps.
///
/// A document that IAM would refuse has no verdict: its answers are null and `errors`
/// says why and where; the exit code is then 2, except with --jsonl. A document is
/// JSON, percent-encoded JSON, or what `aws iam get-…` prints. docs/analyze.md says
/// what each answer means.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Analyze {
    #[command(flatten)]
    of: Of,
    /// What the policy is attached to
    #[arg(long = "type", value_enum, default_value_t = Attached::Identity)]
    kind: Attached,
    /// The account it belongs to; without it a trust policy's accounts all count as other ones
    #[arg(long, value_name = "ID")]
    account_id: Option<AccountId>,
    /// The organisation that account belongs to; without it any that a policy names is taken for it
    #[arg(long, value_name = "o-…")]
    organization_id: Option<OrganizationId>,
    /// The permissions boundary that caps an identity policy
    #[arg(long, value_name = "FILE")]
    boundary: Option<Input>,
    /// Takes one policy a line and gives one answer a line; blank lines are skipped
    #[arg(long)]
    jsonl: bool,
}

/// What is analysed.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Of {
    /// The policy; `-` for standard input
    #[arg(long, value_name = "FILE")]
    policy: Option<Input>,
    /// What `aws iam get-account-authorization-details` prints; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "account_id", "organization_id", "boundary"])]
    account_details: Option<Input>,
}

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Attached {
    /// A user, group or role, as a managed or inline policy
    Identity,
    /// A role, to say who may assume it
    Trust,
    /// Another resource
    Resource,
    /// A part of an organisation, as a service control policy
    Scp,
}

impl Analyze {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        match (&self.of.policy, &self.of.account_details) {
            (Some(policy), _) => self.policy(policy, out),
            (_, Some(details)) => account(details, out),
            // One of them is asked for before it comes to this.
            (None, None) => Ok(Exit::BadInput),
        }
    }

    fn policy(&self, policy: &Input, out: &mut dyn Write) -> Result<Exit, CliError> {
        Input::check_stdin([policy].into_iter().chain(&self.boundary))?;
        if self.boundary.is_some() && self.kind != Attached::Identity {
            return Err(CliError::BoundaryOfNoIdentity);
        }
        let boundary = self.boundary.as_ref().map(read_boundary).transpose()?;
        let unreadable = |source| CliError::Unreadable { kind: "policy", name: policy.to_string(), source };
        let mut input = BufReader::new(policy.open().map_err(unreadable)?);
        if !self.jsonl {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).map_err(unreadable)?;
            let answer = self.answer(&bytes, boundary.as_ref());
            json(out, &answer)?;
            return Ok(if answer.is_unreadable() { Exit::BadInput } else { Exit::Done });
        }
        let mut bytes = Vec::new();
        while input.read_until(b'\n', &mut bytes).map_err(unreadable)? > 0 {
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                line(out, &self.answer(&bytes, boundary.as_ref()))?;
            }
            bytes.clear();
        }
        Ok(Exit::Done)
    }

    /// The one place that knows what becomes of each kind of policy.
    fn answer(&self, bytes: &[u8], boundary: Option<&Policy>) -> Answer {
        let read = |kind| document::read(bytes, kind);
        let (verdicts, answer): (_, Result<Answer, Malformed>) = match self.kind {
            Attached::Identity => (
                answer::IDENTITY,
                read(PolicyKind::Identity).map(|policy| Answer::Identity(self.identity(&policy, boundary))),
            ),
            Attached::Trust => (
                answer::TRUST,
                read(PolicyKind::Trust)
                    .map(|policy| Answer::Trust(TrustReport::of(&policy, &self.trust_context()))),
            ),
            Attached::Resource => (
                answer::OTHER,
                read(PolicyKind::Resource).map(|policy| Answer::Other(analyze_policy(&policy))),
            ),
            Attached::Scp => (
                answer::OTHER,
                read(PolicyKind::ServiceControl).map(|policy| Answer::Other(analyze_policy(&policy))),
            ),
        };
        answer.unwrap_or_else(|malformed| Answer::Unreadable { verdicts, malformed })
    }

    fn identity(&self, policy: &Policy, boundary: Option<&Policy>) -> IdentityReport {
        let mut permissions = Permissions::of(policy);
        if let Some(policy) = boundary {
            permissions.boundary = Boundary::Known(NamedPolicy { name: "boundary".into(), policy });
        }
        let mut known = Circumstances::unknown();
        if let Some(account) = &self.account_id {
            known = known.with("aws:PrincipalAccount", account.as_str());
        }
        if let Some(organization) = &self.organization_id {
            known = known.with("aws:PrincipalOrgID", organization.as_str());
        }
        analyze_identity_with(&permissions, &known, &ByVerb)
    }

    fn trust_context(&self) -> TrustContext {
        TrustContext {
            account: self.account_id.clone(),
            organization: self.organization_id.clone(),
            ..TrustContext::default()
        }
    }
}

/// A boundary that cannot be read caps nothing that can be told, so nothing is judged.
fn read_boundary(boundary: &Input) -> Result<Policy, CliError> {
    let text = boundary.read("permissions boundary")?;
    document::read(text.as_bytes(), PolicyKind::PermissionsBoundary)
        .map_err(|source| CliError::Boundary { name: boundary.to_string(), source })
}

fn account(details: &Input, out: &mut dyn Write) -> Result<Exit, CliError> {
    let text = details.read("account details")?;
    let reports = analyze_account(&text)
        .map_err(|source| CliError::AccountDetails { name: details.to_string(), source })?;
    for report in &reports {
        line(out, report)?;
    }
    Ok(Exit::Done)
}

fn line(out: &mut dyn Write, answer: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string(answer)?;
    writeln!(out, "{text}")?;
    Ok(())
}
