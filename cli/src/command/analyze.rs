mod answer;
mod document;

use std::io::{BufRead as _, BufReader, Read as _, Write};

use shared::identifier::{AccountId, OrganizationId};
use shared::policy::analysis::{
    Boundary, ByVerb, Circumstances, NamedPolicy, Permissions, TrustContext, TrustReport,
    analyze_identity_with, analyze_policy,
};
use shared::policy::{Policy, PolicyKind};

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::json;
use crate::input::Input;
use answer::Answer;

/// Says what a policy amounts to
///
/// One JSON object comes back. The policy of a user, group or role: whether it makes an
/// administrator, or somebody who can become one. A role's trust policy: who gets in.
/// Others: what in them does not mean what it seems to.
///
/// A document that IAM would refuse has no verdict: its answers are null and `errors`
/// says why and where; the exit code is then 2, except with --jsonl. A document is
/// JSON, percent-encoded JSON, or what `aws iam get-…` prints. docs/analyze.md says
/// what each answer means.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Analyze {
    /// The policy; `-` for standard input
    #[arg(long, value_name = "FILE")]
    policy: Input,
    /// What the policy is attached to
    #[arg(long = "type", value_enum, default_value_t = Attached::Identity)]
    kind: Attached,
    /// The permissions boundary that caps an identity's policy
    #[arg(long, value_name = "FILE")]
    boundary: Option<Input>,
    /// The account it belongs to; without it a trust policy takes every account for another one
    #[arg(long, value_name = "ID")]
    account_id: Option<AccountId>,
    /// The organisation that account belongs to; without it any that a policy names is taken for it
    #[arg(long, value_name = "o-…")]
    organization_id: Option<OrganizationId>,
    /// Takes one policy a line and gives one answer a line; blank lines are skipped
    #[arg(long)]
    jsonl: bool,
}

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Attached {
    /// A user, group or role, to say what it may do.
    Identity,
    /// A role, to say who may assume it.
    Trust,
    /// Another resource, such as a bucket.
    Resource,
    /// An organisation, as a service control policy.
    Scp,
}

const KIND: &str = "policy";
const BOUNDARY: &str = "permissions boundary";

impl Analyze {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        Input::check_stdin([&self.policy].into_iter().chain(&self.boundary))?;
        let boundary = self.read_boundary()?;
        let unreadable = |source| CliError::Unreadable { kind: KIND, name: self.policy.to_string(), source };
        let mut input = BufReader::new(self.policy.open().map_err(unreadable)?);
        if !self.jsonl {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).map_err(unreadable)?;
            let answer = self.answer(&bytes, boundary.as_ref());
            json(out, &answer)?;
            return Ok(if answer.is_unreadable() { Exit::BadInput } else { Exit::Done });
        }
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
            if !line.iter().all(u8::is_ascii_whitespace) {
                serde_json::to_writer(&mut *out, &self.answer(&line, boundary.as_ref()))?;
                writeln!(out)?;
            }
            line.clear();
        }
        Ok(Exit::Done)
    }

    fn read_boundary(&self) -> Result<Option<Policy>, CliError> {
        let Some(input) = &self.boundary else { return Ok(None) };
        if self.kind != Attached::Identity {
            return Err(CliError::BoundaryOfNobody);
        }
        let text = input.read(BOUNDARY)?;
        match document::read(text.as_bytes(), PolicyKind::PermissionsBoundary) {
            Ok(policy) => Ok(Some(policy)),
            Err(source) => Err(CliError::Boundary { name: input.to_string(), source }),
        }
    }

    /// The one place that knows what becomes of each kind of policy.
    fn answer(&self, bytes: &[u8], boundary: Option<&Policy>) -> Answer {
        match self.kind {
            Attached::Identity => match document::read(bytes, PolicyKind::Identity) {
                Ok(policy) => Answer::Identity(Box::new(analyze_identity_with(
                    &Permissions {
                        boundary: boundary.map_or(Boundary::Absent, |policy| {
                            Boundary::Known(NamedPolicy { name: BOUNDARY.into(), policy })
                        }),
                        ..Permissions::of(&policy)
                    },
                    &self.circumstances(),
                    &ByVerb,
                ))),
                Err(malformed) => Answer::unreadable(answer::IDENTITY, malformed),
            },
            Attached::Trust => match document::read(bytes, PolicyKind::Trust) {
                Ok(policy) => Answer::Trust(Box::new(TrustReport::of(&policy, &self.trust_context()))),
                Err(malformed) => Answer::unreadable(answer::TRUST, malformed),
            },
            Attached::Resource => Self::language(bytes, PolicyKind::Resource),
            Attached::Scp => Self::language(bytes, PolicyKind::ServiceControl),
        }
    }

    fn language(bytes: &[u8], kind: PolicyKind) -> Answer {
        match document::read(bytes, kind) {
            Ok(policy) => Answer::Other(analyze_policy(&policy)),
            Err(malformed) => Answer::unreadable(&[], malformed),
        }
    }

    fn circumstances(&self) -> Circumstances<'_> {
        let mut known = Circumstances::unknown();
        if let Some(account) = &self.account_id {
            known = known
                .with("aws:PrincipalAccount", account.as_str())
                .with("aws:ResourceAccount", account.as_str());
        }
        if let Some(organization) = &self.organization_id {
            known = known.with("aws:PrincipalOrgID", organization.as_str());
        }
        known
    }

    fn trust_context(&self) -> TrustContext {
        TrustContext {
            account: self.account_id.clone(),
            organization: self.organization_id.clone(),
            ..TrustContext::default()
        }
    }
}
