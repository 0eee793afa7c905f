use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identifier::EmailAddress;

/// Where somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Contact {
    /// A mailbox.
    Email(EmailAddress),
    /// The channel behind the deployment's webhook.
    Chat(Chat),
}

/// A chat whose webhook a deployment may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chat {
    /// Slack, by an incoming webhook.
    Slack,
    /// Microsoft Teams, by a workflow that a webhook starts.
    Teams,
}

impl Chat {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Slack, Self::Teams];

    /// As the governance file writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
        }
    }
}

impl Contact {
    /// The address, if it is one.
    pub fn email(&self) -> Option<&EmailAddress> {
        match self {
            Self::Email(address) => Some(address),
            Self::Chat(_) => None,
        }
    }
}

/// A text that is no contact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an e-mail address nor one of slack, teams")]
pub struct ContactError(String);

impl FromStr for Contact {
    type Err = ContactError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(chat) = Chat::ALL.into_iter().find(|chat| chat.as_str() == text) {
            return Ok(Self::Chat(chat));
        }
        EmailAddress::parse(text).map(Self::Email).map_err(|_| ContactError(text.chars().take(64).collect()))
    }
}

impl TryFrom<String> for Contact {
    type Error = ContactError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Contact> for String {
    fn from(contact: Contact) -> Self {
        contact.to_string()
    }
}

impl fmt::Display for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(address) => write!(f, "{address}"),
            Self::Chat(chat) => write!(f, "{chat}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_a_mailbox_or_a_chat() {
        for text in ["slack", "teams", "ann@example.com"] {
            assert_eq!(text.parse::<Contact>().unwrap().to_string(), text);
        }
        for text in ["Slack", "", "https://hooks.slack.com/services/T/B/x", "ann", "#channel"] {
            assert!(text.parse::<Contact>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_contact_is_stored_as_it_is_written_and_nothing_else_is_taken_for_one() {
        for text in ["\"slack\"", "\"ann@example.com\""] {
            let contact: Contact = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&contact).unwrap(), text);
        }
        assert!(serde_json::from_str::<Contact>("\"ann\"").is_err());
    }
}
