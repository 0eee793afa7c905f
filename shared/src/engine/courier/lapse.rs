use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::{Clock, Decision, Observe, PortError, ReadIam, Stages};
use super::owner::Owner;
use super::{Courier, LookUpCalls, Post, RememberTold, Tell, Told, no_sender};
use crate::governance::{Contact, Exemption, Notices, Reminder};
use crate::notice::{LapseTold, Lapses, MOST_LAPSES, chat_message};

/// An exemption whose end it is time to tell of.
struct Due {
    exemption: Exemption,
    reminder: Reminder,
    /// Why it is told to whom it is.
    because: String,
}

impl Due {
    fn told(&self, contact: &Contact) -> Told {
        Told { key: self.reminder.key(&self.exemption), contact: contact.clone() }
    }

    fn name(&self) -> String {
        self.reminder.name(&self.exemption)
    }
}

impl<P: ReadIam + LookUpCalls + Tell + RememberTold + Stages + Clock + Observe> Courier<'_, P> {
    /// Tells the owners of exemptions that these lapse or have lapsed, each exemption once at each of its times: how many
    /// were told of, and why others were not. Those are told of the next time.
    pub(super) async fn tell_of_lapses(&self, settings: &Notices) -> (usize, Vec<String>) {
        let at = self.ports.now();
        let mut by_contact: BTreeMap<Contact, Vec<Due>> = BTreeMap::new();
        for (exemption, reminder) in self.governance.reminders_due(&self.deployment.account, at) {
            let Owner { contact, because } = owner(settings, &exemption);
            by_contact.entry(contact).or_default().push(Due { exemption, reminder, because });
        }
        let (mut told, mut failed) = (0, Vec::new());
        for (contact, due) in by_contact {
            let untold = match self.untold(&contact, due.iter()).await {
                Ok(untold) => untold,
                Err(error) => {
                    failed.push(format!("{contact}: {error}"));
                    continue;
                }
            };
            for part in untold.chunks(MOST_LAPSES) {
                match self.tell_owner(settings, &contact, part, at).await {
                    Ok(count) => told += count,
                    Err(error) => failed.push(format!("{contact}: {error}")),
                }
            }
        }
        (told, failed)
    }

    /// Those that the contact has not been told of. One that cannot be looked up keeps the others waiting: all of one
    /// contact are one message, and what is not remembered would be told every day.
    async fn untold<'d>(
        &self,
        contact: &Contact,
        due: impl Iterator<Item = &'d Due>,
    ) -> Result<Vec<&'d Due>, PortError> {
        let mut untold = Vec::new();
        for one in due {
            if !self.ports.was_told(&one.told(contact)).await? {
                untold.push(one);
            }
        }
        Ok(untold)
    }

    /// Tells the owner, or else the fallback: of how many.
    async fn tell_owner(
        &self,
        settings: &Notices,
        contact: &Contact,
        part: &[&Due],
        at: Timestamp,
    ) -> Result<usize, PortError> {
        let fallback = settings.fallback();
        match self.take_lapses(settings, contact, part, None, at).await {
            Ok(()) => Ok(part.len()),
            Err(error) if !error.kind.is_retryable() && contact != fallback => {
                for due in part {
                    self.not_told(due.name(), contact, &error);
                }
                // The owner is tried again each day; the fallback has heard of it.
                let untold = self.untold(fallback, part.iter().copied()).await?;
                let instead = format!("{contact} could not be told: {error}");
                self.take_lapses(settings, fallback, &untold, Some(&instead), at).await?;
                Ok(untold.len())
            }
            Err(error) => Err(error),
        }
    }

    async fn take_lapses(
        &self,
        settings: &Notices,
        to: &Contact,
        part: &[&Due],
        instead: Option<&str>,
        at: Timestamp,
    ) -> Result<(), PortError> {
        if part.is_empty() {
            return Ok(());
        }
        let told: Vec<LapseTold<'_>> = part
            .iter()
            .map(|due| {
                let setting = self.governance.rule(due.exemption.rule);
                let because = instead.unwrap_or(&due.because);
                LapseTold {
                    exemption: &due.exemption,
                    mode: setting.enabled.then_some(setting.mode),
                    because,
                }
            })
            .collect();
        let lapses = Lapses { account: &self.deployment.account, at, told: &told };
        match to {
            Contact::Email(address) => {
                let from = settings.from().ok_or_else(no_sender)?;
                self.ports.mail(from, address, &lapses.mail()).await?;
            }
            Contact::Chat(chat) => {
                let message = chat_message(*chat, &lapses.lines());
                self.post(&Post { chat: *chat, message, notice: None }).await?;
            }
        }
        for (due, told) in part.iter().zip(&told) {
            let because = told.because.to_owned();
            self.ports.decided(&Decision::Told { key: due.name(), to: to.clone(), because });
            // One that is not remembered is told of again tomorrow.
            if let Err(error) = self.ports.remember_told(&due.told(to), self.ports.now()).await {
                self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
            }
        }
        Ok(())
    }
}

/// Whom an exemption's end concerns: its owner, if that is a mailbox that mail may leave for, else the fallback.
fn owner(settings: &Notices, exemption: &Exemption) -> Owner {
    match settings.address(&exemption.owner) {
        Ok(address) => {
            let because = "the governance file names you as its owner".to_owned();
            Owner { contact: Contact::Email(address), because }
        }
        Err(why) => Owner { contact: settings.fallback().clone(), because: format!("its `owner` {why}") },
    }
}
