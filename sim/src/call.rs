use jiff::Timestamp;
use shared::facts::Read;
use shared::remedy::Write;

/// An API operation the world answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// An IAM read.
    Read(Read),
    /// An IAM write.
    Write(Write),
    /// Reports evaluations to AWS Config.
    PutEvaluations,
    /// Fetches an item from AWS Config's history.
    GetResourceConfigHistory,
    /// Lists what a Config rule has reported.
    GetComplianceDetails,
    /// Puts a finding on a queue.
    SendMessage,
    /// Puts a copy of a finding on the bus.
    PutEvents,
    /// Sends a notice.
    Publish,
    /// Sends a mail.
    SendEmail,
    /// Reads what waits for a digest, or which keys Bailiff switched off.
    Query,
    /// Opens a journal entry, or writes a hold.
    PutItem,
    /// Writes a journal entry's progress.
    UpdateItem,
    /// Reads a journal entry, or the switch.
    GetItem,
    /// Reads at one moment all that may stand against an act.
    TransactGetItems,
    /// Reads together all that may stand against a first deny.
    BatchGetItem,
    /// Reads the list of people.
    GetObject,
    /// Looks up what CloudTrail recorded.
    LookupEvents,
}

impl Operation {
    /// The IAM action that permits it, such as `iam:GetUser`.
    pub fn action(self) -> &'static str {
        match self {
            Self::Read(read) => read.action(),
            Self::Write(write) => write.action(),
            Self::PutEvaluations => "config:PutEvaluations",
            Self::GetResourceConfigHistory => "config:GetResourceConfigHistory",
            Self::GetComplianceDetails => "config:GetComplianceDetailsByConfigRule",
            Self::SendMessage => "sqs:SendMessage",
            Self::PutEvents => "events:PutEvents",
            Self::Publish => "sns:Publish",
            Self::SendEmail => "ses:SendEmail",
            Self::Query => "dynamodb:Query",
            Self::PutItem => "dynamodb:PutItem",
            Self::UpdateItem => "dynamodb:UpdateItem",
            // DynamoDB asks for no permission of its own for reads in a transaction.
            Self::GetItem | Self::TransactGetItems => "dynamodb:GetItem",
            Self::BatchGetItem => "dynamodb:BatchGetItem",
            Self::GetObject => "s3:GetObject",
            Self::LookupEvents => "cloudtrail:LookupEvents",
        }
    }
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function that made it, such as `evaluate-changes`.
    pub function: &'static str,
    /// The operation.
    pub operation: Operation,
    /// What it was about: a user's name, a queue, an entry's id.
    pub target: String,
    /// When it was made: before whatever time it took.
    pub at: Timestamp,
}

/// Calls in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calls(pub Vec<Call>);

impl Calls {
    /// How many were made.
    pub fn total(&self) -> usize {
        self.0.len()
    }

    /// How many were made of an action, such as `iam:GetUser`.
    pub fn count(&self, action: &str) -> usize {
        self.0.iter().filter(|call| call.operation.action() == action).count()
    }

    /// IAM reads.
    pub fn iam_reads(&self) -> usize {
        self.0.iter().filter(|call| matches!(call.operation, Operation::Read(_))).count()
    }

    /// IAM writes, those that AWS refused among them.
    pub fn iam_writes(&self) -> usize {
        self.0.iter().filter(|call| matches!(call.operation, Operation::Write(_))).count()
    }

    /// The actions, in order.
    pub fn actions(&self) -> Vec<&'static str> {
        self.0.iter().map(|call| call.operation.action()).collect()
    }
}
