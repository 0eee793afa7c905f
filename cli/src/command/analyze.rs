mod answer;
mod document;

use std::io::{BufRead as _, BufReader, Read as _, Write};

use shared::identifier::{AccountId, OrganizationId};
use shared::policy::PolicyKind;
use shared::policy::analysis::{TrustContext, TrustReport};

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::json;
use crate::input::Input;
use answer::Answer;

/// Says what a policy amounts to
///
/// One JSON object comes back. A role's trust policy: who gets in.
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
    #[arg(long = "type", value_enum)]
    kind: Attached,
    /// The account it belongs to; without it every account counts as another one
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
    /// A role, to say who may assume it.
    Trust,
}

const KIND: &str = "policy";

impl Analyze {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let unreadable = |source| CliError::Unreadable { kind: KIND, name: self.policy.to_string(), source };
        let mut input = BufReader::new(self.policy.open().map_err(unreadable)?);
        if !self.jsonl {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).map_err(unreadable)?;
            let answer = self.answer(&bytes);
            json(out, &answer)?;
            return Ok(if answer.is_unreadable() { Exit::BadInput } else { Exit::Done });
        }
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line).map_err(unreadable)? > 0 {
            if !line.iter().all(u8::is_ascii_whitespace) {
                serde_json::to_writer(&mut *out, &self.answer(&line))?;
                writeln!(out)?;
            }
            line.clear();
        }
        Ok(Exit::Done)
    }

    /// The one place that knows what becomes of each kind of policy.
    fn answer(&self, bytes: &[u8]) -> Answer {
        match self.kind {
            Attached::Trust => match document::read(bytes, PolicyKind::Trust) {
                Ok(policy) => Answer::Trust(Box::new(TrustReport::of(&policy, &self.trust_context()))),
                Err(malformed) => Answer::unreadable(answer::TRUST, malformed),
            },
        }
    }

    fn trust_context(&self) -> TrustContext {
        TrustContext {
            account: self.account_id.clone(),
            organization: self.organization_id.clone(),
            ..TrustContext::default()
        }
    }
}
