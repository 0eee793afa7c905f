mod digest;
mod lapse;
mod owner;
mod port;
mod put_back;

use super::{Clock, Decision, Deployment, EngineError, Observe, PortError, PortErrorKind, ReadIam, Stages};
use crate::governance::{Chat, Contact, DigestEvery, Governance, Notices};
use crate::notice::{Notice, Urgency, chat_message};
use crate::remedy::Cause;
use owner::Owner;

pub use digest::Digested;
pub use port::{Post, RememberTold, Tell, Told, Waiting};
pub use put_back::LookUpCalls;

/// Takes notices to those whom they concern. Nothing is dropped: where no owner is known, or the owner cannot be told, the
/// fallback is told and reads why; where that fails too, the notice stays where it came from.
pub struct Courier<'a, P> {
    /// The world.
    pub ports: &'a P,
    /// The governance file.
    pub governance: &'a Governance,
    /// This deployment.
    pub deployment: &'a Deployment,
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The governance file names nobody: whoever subscribes to the topic is told there.
    NobodyNamed,
    /// Somebody has been told.
    Told(Contact),
    /// It waits for the digest.
    PutOff(Contact),
}

/// Whether a notice comes again if it cannot be delivered now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chance {
    /// It does: what may only be slow is waited for.
    ThereAreMore,
    /// It does not: what cannot be read is taken for unknown, and who cannot be told for one who never can be.
    TheLast,
}

impl<P: ReadIam + LookUpCalls + Tell + RememberTold + Stages + Clock + Observe> Courier<'_, P> {
    /// Delivers a notice. Delivered again it is told again only where a worker died between telling and remembering, or
    /// where that could not be remembered.
    pub async fn deliver(&self, notice: &Notice, chance: Chance) -> Result<Delivery, EngineError> {
        // For the log in any case, whoever is told.
        let notice = &self.naming_who_puts_it_back(notice).await;
        let Some(settings) = self.governance.notices() else { return Ok(Delivery::NobodyNamed) };
        let told = self.deliver_as(settings, notice, chance).await?;
        // Whoever it is about may be the only one that a tag names; those who answer are to hear of it in any case.
        if notice.approve.is_some()
            && !matches!(&told, Delivery::Told(contact) if contact == settings.fallback())
        {
            let because = "somebody has to approve it".to_owned();
            let fallback = Owner { contact: settings.fallback().clone(), because };
            self.tell(settings, notice, &fallback, chance).await.map_err(|error| again(&error))?;
        }
        if notice.is_warning() {
            self.start_the_clock(notice, chance).await?;
        }
        Ok(told)
    }

    async fn deliver_as(
        &self,
        settings: &Notices,
        notice: &Notice,
        chance: Chance,
    ) -> Result<Delivery, EngineError> {
        let owner = self.owner(settings, notice, chance).await?;
        if settings.digest() == DigestEvery::Daily && notice.urgency() == Urgency::MayWait {
            let Owner { contact, because } = owner.clone();
            let waiting = Waiting { contact, because, notice: notice.clone() };
            match self.ports.put_off(&waiting).await {
                Ok(()) => {
                    let (key, to) = (notice.key(), waiting.contact.clone());
                    self.ports.decided(&Decision::PutOff { key, to });
                    return Ok(Delivery::PutOff(waiting.contact));
                }
                Err(error) if chance == Chance::ThereAreMore => return Err(again(&error)),
                // Rather told too early than not at all.
                Err(_) => {}
            }
        }
        self.tell_somebody(settings, notice, owner, chance).await.map(Delivery::Told)
    }

    /// Somebody has been warned: the time before the act counts from here. Where that cannot be written down the rule
    /// takes the warning for lost after a day, and gives it again.
    async fn start_the_clock(&self, notice: &Notice, chance: Chance) -> Result<(), EngineError> {
        let Cause::Rule { rule, .. } = notice.cause else { return Ok(()) };
        let resource = notice.resource.unique_id();
        let warnings = self.ports.warnings(resource, rule).await?;
        let is_known = warnings.knows_of(notice.at);
        if let Some(delivered) = warnings.after_delivery(notice.at, self.ports.now()) {
            if self.ports.put_warnings(resource, rule, &delivered).await? {
                return Ok(());
            }
        } else if is_known || chance == Chance::TheLast {
            return Ok(());
        }
        // Told before the remediator has written down that it warned, or while it wrote.
        Err(EngineError::Retry(format!("the warning of entry {} is not written down yet", notice.entry)))
    }

    /// Tells the owner, or else the fallback.
    async fn tell_somebody(
        &self,
        settings: &Notices,
        notice: &Notice,
        owner: Owner,
        chance: Chance,
    ) -> Result<Contact, EngineError> {
        let Err(error) = self.tell(settings, notice, &owner, chance).await else { return Ok(owner.contact) };
        if error.kind.is_retryable() && chance == Chance::ThereAreMore
            || owner.contact == *settings.fallback()
        {
            return Err(again(&error));
        }
        self.not_told(notice.key(), &owner.contact, &error);
        let because = format!("{} could not be told: {error}", owner.contact);
        let fallback = Owner { contact: settings.fallback().clone(), because };
        match self.tell(settings, notice, &fallback, chance).await {
            Ok(()) => Ok(fallback.contact),
            Err(error) => Err(again(&error)),
        }
    }

    async fn tell(
        &self,
        settings: &Notices,
        notice: &Notice,
        owner: &Owner,
        chance: Chance,
    ) -> Result<(), PortError> {
        let Owner { contact, because } = owner;
        match self.ports.was_told(&Told::of(notice, contact)).await {
            Ok(true) => return Ok(()),
            Err(error) if chance == Chance::ThereAreMore => return Err(error),
            // Rather told twice than not at all.
            Ok(false) | Err(_) => {}
        }
        match contact {
            Contact::Email(to) => {
                let from = settings.from().ok_or_else(no_sender)?;
                self.ports.mail(from, to, &notice.mail_because(because)).await?;
            }
            Contact::Chat(chat) => {
                let text = notice.short_because(because);
                let post = Post { chat: *chat, message: chat_message(*chat, &text), notice: Some(notice) };
                self.post(&post).await?;
            }
        }
        self.accepted(notice, owner).await;
        Ok(())
    }

    /// A channel has taken the notice: from here on its contact counts as told.
    async fn accepted(&self, notice: &Notice, owner: &Owner) {
        let Owner { contact, because } = owner.clone();
        let told = Told::of(notice, &contact);
        self.ports.decided(&Decision::Told { key: notice.key(), to: contact, because });
        // To fail for that would tell them twice for sure.
        if let Err(error) = self.ports.remember_told(&told, self.ports.now()).await {
            self.ports.decided(&Decision::NotRemembered { why: error.to_string() });
        }
    }

    async fn post(&self, post: &Post<'_>) -> Result<(), PortError> {
        if self.ports.has(post.chat) { self.ports.post(post).await } else { Err(no_webhook(post.chat)) }
    }

    fn not_told(&self, key: String, to: &Contact, error: &PortError) {
        let (to, why) = (to.clone(), error.to_string());
        self.ports.decided(&Decision::NotTold { key, to, why });
    }
}

/// Whatever kept a notice from everybody: it comes again, and in the end lies where a person looks.
fn again(error: &PortError) -> EngineError {
    EngineError::Retry(format!("nobody could be told: {error}"))
}

fn no_sender() -> PortError {
    let message = "the governance file has no `notices.from`".to_owned();
    PortError { operation: "ses:SendEmail", kind: PortErrorKind::Failed, message }
}

/// The bus takes what no rule takes off it, and loses it.
fn no_webhook(chat: Chat) -> PortError {
    let message = format!("the deployment was given no webhook of {chat}");
    PortError { operation: "events:PutEvents", kind: PortErrorKind::Failed, message }
}
