use serde::Deserialize;
use serde_json::Value;
use shared::engine::Stop;
use shared::facts::Read;
use shared::remedy::{Remediator, Write};
use sim::{Fault, Operation};

/// What the room is told to do.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(crate) enum Command {
    /// Makes a new account and deploys Bailiff into it, under a governance file that may be wrong.
    Begin { account: Value, governance: String },
    /// Deploys Bailiff anew with another governance file.
    Govern { governance: String },
    /// An event to the function that gets its like; then the queues are worked off.
    Deliver { event: Value },
    /// A message on a remediator's queue, whatever it says; then the queues are worked off.
    Message { to: Remediator, group: String, body: String },
    /// A person's order.
    Suspend { order: Value },
    /// A person's wish to undo.
    Restore { request: Value },
    /// A person's answer to a plan that waits for approval; then the queues are worked off.
    Answer { by: String, answer: Value },
    /// Somebody else makes this of the account, at once.
    Edit { account: Value },
    /// Somebody else makes this of the account just before a call, after so many that go undisturbed.
    EditBefore { call: Call, after: u32, account: Value },
    /// Somebody stops everything just before a call.
    StopBefore { call: Call, after: u32, order: Stop },
    /// Calls fail: so many, or all where it does not say.
    Fail { call: Call, fault: Kind, after: u32, times: Option<u32> },
    /// They no longer do.
    Heal,
    /// The function at work dies right after so many further calls.
    Die { after: u32 },
    /// Time passes.
    Pass { seconds: i64 },
    /// How long IAM's writes take to be seen.
    Lag { seconds: i64 },
    /// A person throws the switch, or lets everything go on.
    Stop { order: Option<Stop> },
    /// Everything there is to see.
    Look,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Throttled,
    Denied,
    Failed,
    LostAnswer,
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Throttled => Self::Throttled,
            Kind::Denied => Self::Denied,
            Kind::Failed => Self::Failed,
            Kind::LostAnswer => Self::LostAnswer,
        }
    }
}

/// An API operation by its IAM action, such as `iam:GetUser`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Call(pub(crate) Operation);

impl TryFrom<String> for Call {
    type Error = String;

    fn try_from(action: String) -> Result<Self, String> {
        let others = [
            Operation::PutEvaluations,
            Operation::GetResourceConfigHistory,
            Operation::GetComplianceDetails,
            Operation::SendMessage,
            Operation::PutEvents,
            Operation::Publish,
            Operation::PutItem,
            Operation::UpdateItem,
            Operation::GetItem,
        ];
        if let Some(found) = others.into_iter().find(|operation| operation.action() == action) {
            return Ok(Self(found));
        }
        let name = Value::from(action.strip_prefix("iam:").unwrap_or(&action));
        if let Ok(write) = Write::deserialize(&name) {
            return Ok(Self(Operation::Write(write)));
        }
        match Read::deserialize(&name) {
            Ok(read) => Ok(Self(Operation::Read(read))),
            Err(_) => Err(format!("no call of Bailiff's is `{action}`")),
        }
    }
}
