use jiff::Timestamp;

use super::said::shortened;
use super::{Hint, Trigger};
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::AccountId;
use crate::threat::Source;

/// What `EventBridge` puts around every event.
pub(super) struct Envelope<'a> {
    /// The event itself, which each source writes in its own way.
    pub(super) detail: Field<'a>,
    /// Unique for each event; a finding that is told again comes under another one.
    pub(super) id: String,
    /// The account the event came up in, which for findings may be an administrator's.
    pub(super) account: AccountId,
    pub(super) region: String,
    pub(super) at: Timestamp,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(event: &Field<'a>) -> Result<Self, EventError> {
        let detail = event.get("detail")?;
        detail.value("an object")?;
        Ok(Self {
            detail,
            id: shortened(event.get("id")?.filled_text()?),
            account: event.get("account")?.identifier(AccountId::parse)?,
            region: shortened(event.get("region")?.filled_text()?),
            at: event.get("time")?.time()?,
        })
    }

    /// What is known of a trigger before it is known what it hints at: all by the envelope.
    pub(super) fn origin(&self, source: Source) -> Origin {
        Origin {
            id: self.id.clone(),
            source,
            at: self.at,
            account: self.account.clone(),
            region: self.region.clone(),
        }
    }
}

/// Where a trigger comes from.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) id: String,
    pub(super) source: Source,
    pub(super) at: Timestamp,
    pub(super) account: AccountId,
    pub(super) region: String,
}

impl Origin {
    /// The same with what the finding says of itself, where it does.
    pub(super) fn with(
        mut self,
        id: &str,
        account: &Field<'_>,
        region: &Field<'_>,
    ) -> Result<Self, EventError> {
        self.id = shortened(id);
        if let Some(account) = account.optional(|field| field.identifier(AccountId::parse))? {
            self.account = account;
        }
        if let Some(region) = region.text_if_any()? {
            self.region = shortened(region);
        }
        Ok(self)
    }

    /// The same at a time of the finding's own. An unreadable one loses nothing: the envelope's is near.
    pub(super) fn seen(mut self, at: Option<Timestamp>) -> Self {
        self.at = at.unwrap_or(self.at);
        self
    }

    pub(super) fn hinting(self, hints: Vec<Hint>) -> Trigger {
        if hints.is_empty() {
            return self.ignored("it is about nothing that is judged here");
        }
        self.trigger(hints, None)
    }

    pub(super) fn ignored(self, why: impl Into<String>) -> Trigger {
        self.trigger(Vec::new(), Some(why.into()))
    }

    fn trigger(self, hints: Vec<Hint>, ignored: Option<String>) -> Trigger {
        let Self { id, source, at, account, region } = self;
        Trigger { id, source, at, account, region, hints, ignored }
    }
}
