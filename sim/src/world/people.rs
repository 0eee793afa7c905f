//! Those who are told: mailboxes, chats behind webhooks, and what is remembered of who has been told what.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde_json::Value;
use shared::engine::{LookUpCalls, Page, PortError, Post, RememberTold, Tell, Told, Waiting};
use shared::facts::{Fact, Read};
use shared::governance::{Chat, Contact};
use shared::identifier::EmailAddress;
use shared::notice::{Mail, Notice};

use super::World;
use crate::call::Operation;

/// What somebody was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Who.
    pub to: Contact,
    /// The mail's subject; a chat has none.
    pub subject: String,
    /// The mail's text, or what was posted to the chat's webhook.
    pub body: String,
}

/// A notice on its queue.
#[derive(Debug, Clone)]
pub(crate) struct Undelivered {
    pub(crate) body: String,
    pub(crate) tries: u32,
}

#[derive(Default)]
pub(super) struct People {
    undelivered: VecDeque<Undelivered>,
    messages: Vec<Heard>,
    webhooks: BTreeSet<Chat>,
    /// The contact for security, if not the one of the account file, who has no address.
    security: Option<String>,
    told: BTreeSet<Told>,
    /// What CloudTrail recorded, by the operation.
    records: Vec<(String, Timestamp, Value)>,
    /// By contact and notice: what waits for the digest, and whether it has been sent.
    waiting: BTreeMap<(Contact, String), (Waiting, bool)>,
}

impl World {
    /// Gives the deployment a chat's webhook.
    pub fn give_webhook(&self, chat: Chat) {
        self.state.borrow_mut().people.webhooks.insert(chat);
    }

    /// Sets the e-mail address of the account's contact for security.
    pub fn set_security_contact(&self, address: &str) {
        self.state.borrow_mut().people.security = Some(address.to_owned());
    }

    /// What people were told, oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        self.state.borrow().people.messages.clone()
    }

    /// What waits for a digest.
    pub fn put_off(&self) -> Vec<Waiting> {
        let state = self.state.borrow();
        state.people.waiting.values().filter(|(_, sent)| !sent).map(|(waiting, _)| waiting.clone()).collect()
    }

    /// Has CloudTrail record a call, whatever the record says of it.
    pub fn record_call(&self, name: &str, record: Value) {
        let mut state = self.state.borrow_mut();
        let at = state.now;
        state.people.records.push((name.to_owned(), at, record));
    }

    /// Loses what is on the queue of notices.
    pub fn lose_notices(&self) {
        self.state.borrow_mut().people.undelivered.clear();
    }

    /// Puts a message on the queue of notices, whatever it says.
    pub fn put_notice(&self, body: &str) {
        let undelivered = Undelivered { body: body.to_owned(), tries: 0 };
        self.state.borrow_mut().people.undelivered.push_back(undelivered);
    }

    pub(crate) fn receive_notice(&self) -> Option<Undelivered> {
        let mut undelivered = self.state.borrow_mut().people.undelivered.pop_front()?;
        undelivered.tries += 1;
        Some(undelivered)
    }

    pub(crate) fn put_notice_back(&self, undelivered: Undelivered) {
        self.state.borrow_mut().people.undelivered.push_back(undelivered);
    }
}

impl People {
    /// Puts a notice on its queue, as SNS does.
    pub(super) fn put(&mut self, notice: &Notice) {
        let body = serde_json::to_string(notice).unwrap_or_default();
        self.undelivered.push_back(Undelivered { body, tries: 0 });
    }
}

impl Tell for World {
    async fn security_contact(&self) -> Fact<String> {
        let security = |state: &mut super::State| state.people.security.clone();
        self.of_account(Read::GetAlternateContact, security).await
    }

    async fn mail(&self, _: &EmailAddress, to: &EmailAddress, mail: &Mail) -> Result<(), PortError> {
        let Mail { subject, body } = mail.clone();
        let message = Heard { to: Contact::Email(to.clone()), subject, body };
        self.port_call(Operation::SendEmail, to.as_str(), |state| {
            state.people.messages.push(message);
            Ok(())
        })
        .await
    }

    fn has(&self, chat: Chat) -> bool {
        self.state.borrow().people.webhooks.contains(&chat)
    }

    async fn post(&self, post: &Post<'_>) -> Result<(), PortError> {
        let (to, subject, body) = (Contact::Chat(post.chat), String::new(), Value::to_string(&post.message));
        self.port_call(Operation::PutEvents, post.chat.as_str(), |state| {
            state.people.messages.push(Heard { to, subject, body });
            Ok(())
        })
        .await
    }
}

impl LookUpCalls for World {
    async fn calls(
        &self,
        name: &str,
        since: Timestamp,
        page: Option<&str>,
    ) -> Result<Page<Value>, PortError> {
        const ON_A_PAGE: usize = 50;
        let from: usize = page.and_then(|page| page.parse().ok()).unwrap_or_default();
        self.port_call(Operation::LookupEvents, name, |state| {
            let recorded = state.people.records.iter().rev();
            let of_it = recorded.filter(|(of, at, _)| of == name && *at >= since);
            let mut items: Vec<Value> =
                of_it.skip(from).take(ON_A_PAGE + 1).map(|(_, _, record)| record.clone()).collect();
            let more = items.len() > ON_A_PAGE;
            items.truncate(ON_A_PAGE);
            Ok(Page { items, next: more.then(|| (from + ON_A_PAGE).to_string()) })
        })
        .await
    }
}

impl RememberTold for World {
    async fn was_told(&self, told: &Told) -> Result<bool, PortError> {
        self.port_call(Operation::GetItem, &told.key, |state| Ok(state.people.told.contains(told))).await
    }

    async fn remember_told(&self, told: &Told, _: Timestamp) -> Result<(), PortError> {
        self.port_call(Operation::PutItem, &told.key, |state| {
            state.people.told.insert(told.clone());
            Ok(())
        })
        .await
    }

    async fn put_off(&self, waiting: &Waiting) -> Result<(), PortError> {
        let key = (waiting.contact.clone(), waiting.notice.key());
        self.port_call(Operation::PutItem, &key.1.clone(), |state| {
            state.people.waiting.entry(key).or_insert_with(|| (waiting.clone(), false));
            Ok(())
        })
        .await
    }

    async fn waiting(&self) -> Result<(Vec<Waiting>, Vec<String>), PortError> {
        self.port_call(Operation::Query, "digest", |state| {
            let unsent = state.people.waiting.values().filter(|(_, sent)| !sent);
            Ok((unsent.map(|(waiting, _)| waiting.clone()).collect(), Vec::new()))
        })
        .await
    }

    async fn remember_sent(&self, waiting: &Waiting, _: Timestamp) -> Result<(), PortError> {
        let key = (waiting.contact.clone(), waiting.notice.key());
        self.port_call(Operation::UpdateItem, &key.1.clone(), |state| {
            if let Some((_, sent)) = state.people.waiting.get_mut(&key) {
                *sent = true;
            }
            Ok(())
        })
        .await
    }
}
