use std::collections::BTreeMap;

use super::super::{Clock, Decision, EngineError, Observe, PortError, ReadIam, Stages};
use super::{Courier, LookUpCalls, Post, RememberTold, Tell, Waiting, no_sender};
use crate::governance::{Contact, Notices};
use crate::notice::{chat_message, digest_lines, digest_mail};

/// The most notices of one digest: a chat takes no longer message.
const MOST: usize = 25;

/// What came of the digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digested {
    /// Digests that were sent.
    pub digests: usize,
    /// Notices in them.
    pub notices: usize,
}

impl<P: ReadIam + LookUpCalls + Tell + RememberTold + Stages + Clock + Observe> Courier<'_, P> {
    /// Sends all that waits, a digest a contact. What could not be sent waits on, and the failure is told.
    pub async fn send_digests(&self) -> Result<Digested, EngineError> {
        // What waits since the file named somebody waits for the file to name somebody again.
        let Some(settings) = self.governance.notices() else { return Ok(Digested::default()) };
        let mut by_contact: BTreeMap<Contact, Vec<Waiting>> = BTreeMap::new();
        let (waiting, unreadable) = self.ports.waiting().await?;
        for waiting in waiting {
            by_contact.entry(waiting.contact.clone()).or_default().push(waiting);
        }
        let (mut digested, mut failed) = (Digested::default(), unreadable);
        for (contact, waiting) in &by_contact {
            for part in waiting.chunks(MOST) {
                match self.send_digest(settings, contact, part).await {
                    Ok(()) => {
                        digested.digests += 1;
                        digested.notices += part.len();
                    }
                    Err(error) => failed.push(format!("{contact}: {error}")),
                }
            }
        }
        if failed.is_empty() {
            Ok(digested)
        } else {
            let why = format!("digests could not be sent and wait on: {}", failed.join("; "));
            Err(EngineError::Retry(why))
        }
    }

    /// Sends a digest to its contact, or else to the fallback.
    async fn send_digest(
        &self,
        settings: &Notices,
        contact: &Contact,
        part: &[Waiting],
    ) -> Result<(), PortError> {
        let sent = match self.take_digest(settings, contact, part, None).await {
            Err(error) if !error.kind.is_retryable() && contact != settings.fallback() => {
                for waiting in part {
                    self.not_told(waiting.notice.key(), contact, &error);
                }
                let instead = format!("{contact} could not be told: {error}");
                self.take_digest(settings, settings.fallback(), part, Some(&instead)).await
            }
            sent => sent,
        };
        sent?;
        for waiting in part {
            // One that is not remembered is sent again tomorrow.
            if let Err(error) = self.ports.remember_sent(waiting, self.ports.now()).await {
                self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
            }
        }
        Ok(())
    }

    async fn take_digest(
        &self,
        settings: &Notices,
        to: &Contact,
        part: &[Waiting],
        instead: Option<&str>,
    ) -> Result<(), PortError> {
        let told = part.iter().map(|waiting| (&waiting.notice, instead.unwrap_or(&waiting.because)));
        match to {
            Contact::Email(address) => {
                // The file may have changed since it was put off.
                if !settings.admits(address) {
                    return Err(elsewhere());
                }
                let from = settings.from().ok_or_else(no_sender)?;
                self.ports.mail(from, address, &digest_mail(told)).await?;
            }
            Contact::Chat(chat) => {
                let message = chat_message(*chat, &digest_lines(told));
                self.post(&Post { chat: *chat, message, notice: None }).await?;
            }
        }
        for waiting in part {
            let (key, to, because) = (waiting.notice.key(), to.clone(), waiting.because.clone());
            self.ports.decided(&Decision::Told { key, to, because });
        }
        Ok(())
    }
}

fn elsewhere() -> PortError {
    let message = "`notices.domains` no longer lists the address's domain".to_owned();
    PortError { operation: "ses:SendEmail", kind: super::PortErrorKind::Failed, message }
}
