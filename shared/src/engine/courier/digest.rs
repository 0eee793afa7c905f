use std::collections::BTreeMap;

use super::super::{Clock, Decision, EngineError, Observe, PortError, ReadIam, Stages};
use super::{Courier, LookUpCalls, Post, RememberTold, Tell, Waiting, no_sender};
use crate::governance::{Contact, Notices};
use crate::notice::{chat_message, digest_lines, digest_mail};

/// The most notices of one digest: a chat takes no longer message.
const MOST: usize = 25;

/// What came of the day's digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digested {
    /// Digests that were sent.
    pub digests: usize,
    /// Notices in them.
    pub notices: usize,
    /// Exemptions of whose end somebody was told.
    pub exemptions: usize,
}

impl<P: ReadIam + LookUpCalls + Tell + RememberTold + Stages + Clock + Observe> Courier<'_, P> {
    /// Sends all that waits, a digest a contact, and tells of exemptions that lapse. What could not be sent waits on, and
    /// the failure is told.
    pub async fn send_digests(&self) -> Result<Digested, EngineError> {
        // What waits since the file named somebody waits for the file to name somebody again.
        let Some(settings) = self.governance.notices() else { return Ok(Digested::default()) };
        let (mut digested, waits_on) = self.send_waiting(settings).await;
        let (exemptions, untold) = self.tell_of_lapses(settings).await;
        digested.exemptions = exemptions;
        let failures: Vec<String> = [
            ("digests could not be sent and wait on", waits_on),
            ("owners of exemptions that lapse could not be told", untold),
        ]
        .into_iter()
        .filter(|(_, failed)| !failed.is_empty())
        .map(|(what, failed)| format!("{what}: {}", failed.join("; ")))
        .collect();
        if failures.is_empty() { Ok(digested) } else { Err(EngineError::Retry(failures.join("; "))) }
    }

    /// What was sent, and why what was not was not.
    async fn send_waiting(&self, settings: &Notices) -> (Digested, Vec<String>) {
        let mut by_contact: BTreeMap<Contact, Vec<Waiting>> = BTreeMap::new();
        let (waiting, mut failed) = match self.ports.waiting().await {
            Ok(read) => read,
            Err(error) => return (Digested::default(), vec![error.to_string()]),
        };
        for waiting in waiting {
            by_contact.entry(waiting.contact.clone()).or_default().push(waiting);
        }
        let mut digested = Digested::default();
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
        (digested, failed)
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
