mod act;
mod cost;
mod order;
mod text;
mod timeline;

use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;
use shared::engine::{EngineError, FindHolder, Outcome, ReadIam, ResourceName, SuspendOrder};
use shared::facts::ResourceIdentity;
use shared::identifier::{AccessKeyId, Arn};
use shared::masked::mask;
use shared::remedy::Status;
use sim::Local;

use crate::error::CliError;
use crate::exit::Exit;
use crate::format::{Format, json};
use crate::free_text::free_text;
use crate::input::Input;
use crate::local;
use crate::report::Foretold;
use act::Act;
use order::Given;
use timeline::Timeline;

/// Plans what to do about a leaked key, or a user or role in the wrong hands
///
/// First what would be switched off, in which order, what it costs and what
/// cannot be undone; then how to have it done; then what was seen and done.
///
/// The plan is played on a copy of the account. Nothing talks to AWS but
/// `--act`, which has the AWS CLI give the order to `suspend-principal`: whoever
/// may invoke that function may do so.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Incident {
    #[command(subcommand)]
    about: About,
}

#[derive(Debug, clap::Subcommand)]
enum About {
    /// About an access key that others may know: its user is suspended
    Key {
        /// The key's id, such as `AKIA…`
        key: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// About a user or a role
    Principal {
        /// Its ARN
        principal: Arn,
        #[command(flatten)]
        wish: Wish,
    },
}

/// What is told, and what is wanted.
#[derive(Debug, clap::Args)]
struct Wish {
    /// The account; `-` for standard input
    #[arg(long, value_name = "FILE")]
    account: Input,
    /// The governance file; without one, that which ships with Bailiff
    #[arg(long, value_name = "FILE")]
    governance: Option<Input>,
    /// For the timeline: what `aws dynamodb scan` says of the journal's table
    #[arg(long, value_name = "FILE")]
    journal: Option<Input>,
    /// The stack's name
    #[arg(long, visible_alias = "stack-name", default_value = local::STACK)]
    stack: String,
    /// Writes the order into this file, which must not be there yet
    #[arg(long, value_name = "FILE", requires_all = ["requested_by", "reason"])]
    order: Option<std::path::PathBuf>,
    /// Who gives the order, for the record
    #[arg(long, value_name = "WHO", allow_hyphen_values = true, value_parser = free_text)]
    requested_by: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "WHY", allow_hyphen_values = true, value_parser = free_text)]
    reason: Option<String>,
    /// Gives the order, once the plan is shown: by the AWS CLI, with your credentials and Region
    #[arg(long, requires_all = ["requested_by", "reason"], conflicts_with = "order")]
    act: bool,
    /// Which threat the order answers, such as a finding's id: then its undo waits for a second person
    #[arg(long, value_name = "WHAT", allow_hyphen_values = true, value_parser = free_text)]
    threat: Option<String>,
    /// How to write the plan
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(yes: &bool) -> bool {
    !yes
}

/// What answers a threat is undone by the word of two.
const NOBODY_APPROVES: &str = "the undo of it waits for a second person's word, and the governance file names nobody who may \
                               give it: name `approvals.approvers` and deploy";

/// All that there is to say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Planned {
    at: Timestamp,
    principal: Arn,
    /// The key that it began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<AccessKeyId>,
    /// What would be done; none where all of it is done already.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Foretold>,
    /// What is in use, and stops.
    costs: Vec<String>,
    act: Act,
    /// Whether the order that was wanted in a file is not written, for the function would refuse it.
    #[serde(skip_serializing_if = "is_false")]
    not_written: bool,
    /// Whether the order is not given, for the function would refuse it.
    #[serde(skip_serializing_if = "is_false")]
    not_given: bool,
    /// What came of the order, where it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<Given>,
    /// Why it could not be undone, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_undone: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeline: Option<Timeline>,
}

impl Incident {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, CliError> {
        let (About::Key { wish, .. } | About::Principal { wish, .. }) = &self.about;
        Input::check_stdin([&wish.account].into_iter().chain(&wish.governance).chain(&wish.journal))?;
        let account = local::account(&wish.account)?;
        let at = account.now;
        let local = local::deploy_as(account, local::governance(wish.governance.as_ref())?, &wish.stack)?;
        let (identity, key) = match &self.about {
            About::Key { key, .. } => {
                let key = AccessKeyId::parse(key).map_err(|_| CliError::NoKeyId)?;
                if key.as_str().bytes().any(|byte| byte.is_ascii_lowercase()) {
                    return Err(CliError::LowerCaseKeyId);
                }
                (holder(&local, &key)?, Some(key))
            }
            About::Principal { principal, .. } => (named(&local, principal)?, None),
        };
        let mut planned = wish.plan(&local, at, &identity, key)?;
        if let Some(file) = wish.order.as_ref().filter(|_| !planned.not_written) {
            planned.act.write(file)?;
        }
        let acts = wish.act && !planned.not_given;
        if wish.json || matches!(wish.format, Format::Json) {
            if acts {
                planned.given = Some(order::give(&planned.act)?);
            }
            let mut document = serde_json::to_value(&planned)?;
            mask(&mut document);
            json(out, &document)?;
        } else {
            text::show(out, &planned)?;
            if acts {
                out.flush()?;
                planned.given = Some(order::give(&planned.act)?);
                planned.given.as_ref().map_or(Ok(()), |given| text::answered(out, given))?;
            }
        }
        let is_open = planned.given.as_ref().is_some_and(|given| !given.contained);
        Ok(if planned.not_written || planned.not_given || is_open { Exit::Findings } else { Exit::Done })
    }
}

impl Wish {
    fn plan(
        &self,
        local: &Local,
        at: Timestamp,
        identity: &ResourceIdentity,
        key: Option<AccessKeyId>,
    ) -> Result<Planned, CliError> {
        let account = local.world.account();
        let said = |given: Option<&str>, otherwise: &str| given.unwrap_or(otherwise).to_owned();
        let order = SuspendOrder {
            principal: identity.arn().clone(),
            reason: said(self.reason.as_deref(), "<why>"),
            requested_by: said(self.requested_by.as_deref(), "<you>"),
            threat: self.threat.clone().or(key
                .as_ref()
                .map(|key| format!("access key ending {} is known to others", key.last_four()))),
        };
        // What the function would refuse is refused here.
        SuspendOrder::parse(&serde_json::to_value(&order)?)
            .map_err(|error| CliError::BadOrder(error.to_string()))?;
        let timeline = match &self.journal {
            Some(file) => Some(Timeline::of(file, identity)?),
            None => None,
        };
        let nobody = order.threat.is_some() && !local.governance.approvals().has_approvers();
        let plan = match local.suspend(&order) {
            // Contained already: over a threat that is written down, and nothing is done.
            Ok(Outcome::Journaled { entry, .. })
                if entry.plan.steps.is_empty() && entry.status == Status::Verified =>
            {
                None
            }
            Ok(Outcome::Journaled { entry, .. }) => Some(Foretold::of(&entry, &self.stack)),
            Ok(Outcome::NothingToDo { .. }) => None,
            Err(EngineError::Permanent(why)) => return Err(CliError::BadOrder(why)),
            Err(error @ EngineError::Retry(_)) => return Err(error.into()),
        };
        let is_refused = plan.as_ref().is_some_and(|plan| !plan.acts());
        let (not_written, not_given) = (self.order.is_some() && is_refused, self.act && is_refused);
        let file = self.order.as_deref().filter(|_| !not_written);
        Ok(Planned {
            at,
            principal: identity.arn().clone(),
            costs: cost::of(&account, identity),
            not_undone: nobody.then_some(NOBODY_APPROVES),
            key,
            plan,
            act: Act::new(&self.stack, order, file)?,
            not_written,
            not_given,
            given: None,
            timeline,
        })
    }
}

/// The user who has the key.
fn holder(local: &Local, key: &AccessKeyId) -> Result<ResourceIdentity, CliError> {
    let unknown = || {
        if key.as_str().starts_with("ASIA") {
            CliError::SessionKey
        } else {
            CliError::NobodyHasKey(key.clone())
        }
    };
    let name = pollster::block_on(local.world.holder_of(key)).ok().flatten().ok_or_else(unknown)?;
    found(local, &ResourceName::User(name)).ok_or_else(unknown)
}

/// The user or role of this ARN.
fn named(local: &Local, principal: &Arn) -> Result<ResourceIdentity, CliError> {
    let nobody = || CliError::NobodyOfArn(principal.to_string());
    let resource = principal.resource();
    if principal.service() != "iam" || !(resource.starts_with("user/") || resource.starts_with("role/")) {
        return Err(CliError::BadOrder(format!("`{principal}` is no user's or role's ARN")));
    }
    let name =
        ResourceName::of_principal(principal).map_err(|error| CliError::BadOrder(error.to_string()))?;
    found(local, &name).filter(|identity| identity.arn() == principal).ok_or_else(nobody)
}

fn found(local: &Local, name: &ResourceName) -> Option<ResourceIdentity> {
    pollster::block_on(local.world.find(name)).ok().flatten().map(|found| found.identity())
}
