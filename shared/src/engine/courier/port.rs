use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::PortError;
use crate::facts::Fact;
use crate::governance::{Chat, Contact};
use crate::identifier::EmailAddress;
use crate::notice::{Mail, Notice};

/// The ways to people.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait Tell {
    /// What the account's alternate contact for security has for an e-mail address: any text.
    async fn security_contact(&self) -> Fact<String>;

    /// Sends a mail.
    async fn mail(&self, from: &EmailAddress, to: &EmailAddress, mail: &Mail) -> Result<(), PortError>;

    /// Whether the deployment was given the chat's webhook.
    fn has(&self, chat: Chat) -> bool;

    /// Posts to a chat.
    async fn post(&self, post: &Post<'_>) -> Result<(), PortError>;
}

/// What is posted to a chat: the event that its webhook's rule waits for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Post<'a> {
    /// The chat.
    pub chat: Chat,
    /// What its webhook takes.
    pub message: Value,
    /// The notice itself, for other listeners; a digest has several, and none here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<&'a Notice>,
}

/// What is remembered of who has been told what. Every write is conditional.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait RememberTold {
    /// Whether the contact has been told.
    async fn was_told(&self, told: &Told) -> Result<bool, PortError>;

    /// Remembers that the contact has been told.
    async fn remember_told(&self, told: &Told, at: Timestamp) -> Result<(), PortError>;

    /// Keeps a notice for the digest. One that is kept already, or has been sent, is left as it is.
    async fn put_off(&self, waiting: &Waiting) -> Result<(), PortError>;

    /// All that waits for a digest, and of what cannot be read why.
    async fn waiting(&self) -> Result<(Vec<Waiting>, Vec<String>), PortError>;

    /// Remembers that it has been sent.
    async fn remember_sent(&self, waiting: &Waiting, at: Timestamp) -> Result<(), PortError>;
}

/// What somebody was told: an entry in a state, or of an exemption's end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The notice's key, or the reminder's.
    pub key: String,
    /// Who.
    pub contact: Contact,
}

impl Told {
    /// That the contact was told this.
    pub fn of(notice: &Notice, contact: &Contact) -> Self {
        Self { key: notice.key(), contact: contact.clone() }
    }
}

/// A notice that waits for the digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Who is to be told.
    pub contact: Contact,
    /// Why they are.
    pub because: String,
    /// Of what.
    pub notice: Notice,
}
