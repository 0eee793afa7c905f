use std::io;

use shared::governance::{EditError, GovernanceErrors};
use shared::identifier::AccessKeyId;
use shared::organization::PolicyFileError;
use shared::policy::Malformed;
use shared::policy::account::AccountDetailsError;
use shared::remedy::chain::Break;
use shared::rules::UnknownRuleError;
use sim::AccountFileError;

use crate::exit::Exit;

/// Why the command gave up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A file that cannot be read.
    #[error("the {kind} `{name}` cannot be read: {source}; check the path and its permissions")]
    Unreadable {
        /// What it was to be, such as `account file`.
        kind: &'static str,
        /// Its path, or `standard input`.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file without an end, or nearly.
    #[error("the {kind} `{name}` holds more than {} MiB, and no more is read; give another file", .most / 1024 / 1024)]
    TooLarge {
        /// What it was to be.
        kind: &'static str,
        /// Its path, or `standard input`.
        name: String,
        /// The most bytes that are taken.
        most: u64,
    },
    /// A file that is no text, or text in another encoding.
    #[error("the {kind} `{name}` is not UTF-8; save it as UTF-8")]
    NotUtf8 {
        /// What it was to be.
        kind: &'static str,
        /// Its path, or `standard input`.
        name: String,
    },
    /// Standard input asked for twice.
    #[error("standard input (`-`) is asked for {0} times and can be read once; give files for the others")]
    StdinTwice(usize),
    /// An account file that is none.
    #[error("the account file `{name}` cannot be taken: {source}")]
    Account {
        /// Its path.
        name: String,
        /// What is wrong with it.
        source: AccountFileError,
    },
    /// A governance file that is refused.
    #[error("the governance file `{name}` is refused, so nothing of it is in force:\n{}", indented(.source))]
    Governance {
        /// Its path.
        name: String,
        /// What is wrong with it.
        source: GovernanceErrors,
    },
    /// An edit that cannot be made.
    #[error("`{name}` is left as it is: {source}")]
    Edit {
        /// Its path.
        name: String,
        /// What stands against it.
        source: EditError,
    },
    /// A file that cannot be written.
    #[error("`{name}` is left as it is, for it cannot be written: {source}")]
    Unwritten {
        /// Its path.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The AWS CLI is not there.
    #[error(
        "no order was given: `aws` is not on the path; install the AWS CLI, or have the command above run where it is"
    )]
    NoAwsCli,
    /// The order did not get through.
    #[error("the AWS CLI gave no order, or got no answer to it: {0}; see to that, and give it again")]
    NotGiven(String),
    /// The order was given, and what came of it is not known.
    #[error(
        "the order was given, and whether it was carried out is not known: {0}; give it again, which changes nothing that \
         is done"
    )]
    NoAnswer(String),
    /// The function that was to carry the order out failed.
    #[error(
        "the function failed over the order, and may have carried a part of it out: {0}; see to that, and give it again"
    )]
    OrderFailed(String),
    /// A file in a folder that there is not.
    #[error("`{name}` cannot be written: there is no folder `{folder}`; make it, or give another path")]
    NoFolder {
        /// Its path.
        name: String,
        /// The folder's.
        folder: String,
    },
    /// An exemption that there is not.
    #[error("there is nothing to end for `{name}`: {what}; `bailiff exempt list` shows tickets and places")]
    NoExemption {
        /// What was asked for.
        name: String,
        /// Why not.
        what: &'static str,
    },
    /// A file that tells nothing of an account.
    #[error("`{name}` cannot be taken: {source}")]
    AccountDetails {
        /// Its path.
        name: String,
        /// What is wrong with it.
        source: AccountDetailsError,
    },
    /// A permissions boundary that IAM would refuse.
    #[error("the permissions boundary `{name}` is refused, so nothing can be said of what it caps: {source}")]
    Boundary {
        /// Its path.
        name: String,
        /// What is wrong with it.
        source: Malformed,
    },
    /// A permissions boundary for what none can cap.
    #[error(
        "a permissions boundary caps identity policies only; leave `--boundary` out, or give `--type identity`"
    )]
    BoundaryOfNoIdentity,
    /// A folder without policies.
    #[error(
        "there are no policies in `{name}`; expected files that end in .json, in it or in the folders in it"
    )]
    NoPolicies {
        /// Its path.
        name: String,
    },
    /// A file without a policy of an organisation.
    #[error("`{name}` cannot be taken, so nothing can be said of what is in force: {source}")]
    ControlPolicy {
        /// Its path.
        name: String,
        /// What is wrong with it.
        source: PolicyFileError,
    },
    /// A file without a journal.
    #[error(
        "`{name}` is no journal: {why}; give what `aws dynamodb scan --output json` says of the journal's table"
    )]
    NoJournal {
        /// Its path, or `standard input`.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A part of a table. What is not in it would look deleted, and what is would pass for all there is.
    #[error(
        "`{name}` ends with a page that says more follow; add the other pages, or scan the table again without `--max-items`"
    )]
    TruncatedJournal {
        /// Its path, or `standard input`.
        name: String,
    },
    /// A table without a journal.
    #[error(
        "there is neither a record nor an entry of a journal in it; is it the table that the output `JournalTable` names?"
    )]
    NothingToVerify,
    /// A file without a head.
    #[error(
        "`{name}` names no head of a chain; they look like `17:` and 64 digits, in log lines and notices"
    )]
    NoHeads {
        /// Its path, or `standard input`.
        name: String,
    },
    /// Neither a rule nor anything else to explain.
    #[error(
        "there is nothing to explain: give a rule's id, or `--account FILE` with `--event FILE` or `--threats FILE`"
    )]
    NothingToExplain,
    /// A page of what has none.
    #[error("only a rule's page is written as `markdown`; give `--format text` or `json`")]
    NoMarkdown,
    /// An event that tells of no threat.
    #[error("the event `{name}` cannot be taken: {why}")]
    BadEvent {
        /// Its path, or `standard input`.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// An export without a threat.
    #[error(
        "there is no threat in `{name}`; give what `aws dynamodb scan --output json` says of the table that the output \
         `JournalTable` names"
    )]
    NoThreats {
        /// Its path, or `standard input`.
        name: String,
    },
    /// A threat of another version, or a damaged one.
    #[error("a threat in `{name}` cannot be read: {why}; use the version that wrote it")]
    BadThreat {
        /// Its path, or `standard input`.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody whom a threat is about.
    #[error(
        "no threat is about {principal} as the account file has it; they are kept by unique id, so its `id` must be the \
         real one"
    )]
    NoThreatsAbout {
        /// Who was asked for.
        principal: String,
    },
    /// What is no key id. It may be a secret in the wrong place, and is not shown.
    #[error(
        "that is no access key id: they are 16 or more letters and digits, such as `AKIAIOSFODNN7EXAMPLE`"
    )]
    NoKeyId,
    /// A key id as AWS writes none. It may be a secret in the wrong place, and is not shown.
    #[error(
        "that is no access key id as AWS writes them, which is in upper case, such as `AKIAIOSFODNN7EXAMPLE`"
    )]
    LowerCaseKeyId,
    /// A key that nobody has.
    #[error(
        "no user in the account file has the access key {0}: it is root's, another account's, or deleted, or the file \
         does not have its id; `aws sts get-access-key-info` tells the account"
    )]
    NobodyHasKey(AccessKeyId),
    /// A key of a session.
    #[error(
        "a key that begins with `ASIA` is a session's and nobody has it for long: CloudTrail tells whose session it \
         is; then `bailiff incident principal ARN`"
    )]
    SessionKey,
    /// Nobody by this ARN.
    #[error("there is no {0} in the account file; check its path and name")]
    NobodyOfArn(String),
    /// An order that the function would not take.
    #[error("{0}")]
    BadOrder(String),
    /// An entry of another version.
    #[error("the entry {which} cannot be read: {why}; export with the version that wrote it")]
    UnknownEntry {
        /// Which.
        which: String,
        /// What is wrong with it.
        why: String,
    },
    /// A journal that somebody tampered with.
    #[error("the journal is broken: {0}")]
    BrokenChain(Break),
    /// A rule that was never declared.
    #[error(transparent)]
    UnknownRule(#[from] UnknownRuleError),
    /// A simulated deployment that cannot be set up.
    #[error("account `{account}` cannot be simulated: {why}; please report this")]
    Deployment {
        /// The account.
        account: String,
        /// What stood against it.
        why: String,
    },
    /// Output that is no JSON: a bug.
    #[error("the result cannot be written as JSON: {0}; please report this")]
    Json(#[from] serde_json::Error),
    /// The engine refused what it had to take.
    #[error("the sweep did not end: {0}")]
    Engine(#[from] shared::engine::EngineError),
    /// Standard output that takes nothing.
    #[error("standard output cannot be written: {0}; check the disk or what it is redirected to")]
    Output(#[from] io::Error),
}

impl CliError {
    /// The exit code it ends in.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::NotUtf8 { .. }
            | Self::StdinTwice(_)
            | Self::Account { .. }
            | Self::Governance { .. }
            | Self::Edit { .. }
            | Self::NoExemption { .. }
            | Self::Unwritten { .. }
            | Self::NoFolder { .. }
            | Self::AccountDetails { .. }
            | Self::Boundary { .. }
            | Self::BoundaryOfNoIdentity
            | Self::NoPolicies { .. }
            | Self::ControlPolicy { .. }
            | Self::NoJournal { .. }
            | Self::TruncatedJournal { .. }
            | Self::NothingToVerify
            | Self::NoHeads { .. }
            | Self::UnknownEntry { .. }
            | Self::NothingToExplain
            | Self::NoKeyId
            | Self::LowerCaseKeyId
            | Self::NobodyHasKey(_)
            | Self::SessionKey
            | Self::NobodyOfArn(_)
            | Self::BadOrder(_)
            | Self::NoMarkdown
            | Self::BadEvent { .. }
            | Self::NoThreats { .. }
            | Self::BadThreat { .. }
            | Self::NoThreatsAbout { .. }
            | Self::UnknownRule(_) => Exit::BadInput,
            Self::BrokenChain(_)
            | Self::Deployment { .. }
            | Self::NoAwsCli
            | Self::NotGiven(_)
            | Self::NoAnswer(_)
            | Self::OrderFailed(_)
            | Self::Json(_)
            | Self::Engine(_)
            | Self::Output(_) => Exit::Broken,
        }
    }
}

fn indented(errors: &GovernanceErrors) -> String {
    let lines: Vec<String> = errors.to_string().lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
