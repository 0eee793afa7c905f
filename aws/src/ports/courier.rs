use aws_types::SdkConfig;
use jiff::Timestamp;
use shared::engine::{LookUpCalls, Page, PortError, Post, RememberTold, Tell, Told, Waiting};
use shared::facts::Fact;
use shared::governance::Chat;
use shared::identifier::EmailAddress;
use shared::notice::Mail;

use crate::channels::Channels;
use crate::clock::SystemClock;
use crate::cloud_trail::CloudTrail;
use crate::environment::{Environment, EnvironmentError};
use crate::iam::Iam;
use crate::journal::Table;
use crate::log::Log;

/// Of deliver-notices: it reads a principal's tags and who called IAM, and has no writer.
pub struct CourierPorts {
    iam: Iam,
    cloud_trail: CloudTrail,
    channels: Channels,
    memory: Table,
    clock: SystemClock,
    log: Log,
}

impl CourierPorts {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        let deployment = environment.deployment()?;
        let (account, partition) = (deployment.account, deployment.quarantine_policy.partition_name());
        Ok(Self {
            iam: Iam::new(sdk, account.clone()),
            cloud_trail: CloudTrail::new(sdk, partition, environment.cloud_trail()),
            channels: Channels::new(sdk, environment.bus()?, environment.chats()),
            memory: Table::new(sdk, environment.table()?, account),
            clock: SystemClock,
            log: Log::new(environment.function()),
        })
    }
}

clock!(CourierPorts);
log!(CourierPorts);
stages!(CourierPorts => memory);
read_iam!(CourierPorts => memory);

impl LookUpCalls for CourierPorts {
    async fn calls(
        &self,
        name: &str,
        since: Timestamp,
        page: Option<&str>,
    ) -> Result<Page<serde_json::Value>, PortError> {
        self.cloud_trail.calls(name, since, page).await
    }
}

impl Tell for CourierPorts {
    async fn security_contact(&self) -> Fact<String> {
        self.channels.security_contact().await
    }

    async fn mail(&self, from: &EmailAddress, to: &EmailAddress, mail: &Mail) -> Result<(), PortError> {
        self.channels.mail(from, to, mail).await
    }

    fn has(&self, chat: Chat) -> bool {
        self.channels.has(chat)
    }

    async fn post(&self, post: &Post<'_>) -> Result<(), PortError> {
        self.channels.post(post).await
    }
}

impl RememberTold for CourierPorts {
    async fn was_told(&self, told: &Told) -> Result<bool, PortError> {
        self.memory.was_told(told).await
    }

    async fn remember_told(&self, told: &Told, at: Timestamp) -> Result<(), PortError> {
        self.memory.remember_told(told, at).await
    }

    async fn put_off(&self, waiting: &Waiting) -> Result<(), PortError> {
        self.memory.put_off(waiting).await
    }

    async fn waiting(&self) -> Result<(Vec<Waiting>, Vec<String>), PortError> {
        self.memory.waiting().await
    }

    async fn remember_sent(&self, waiting: &Waiting, at: Timestamp) -> Result<(), PortError> {
        self.memory.remember_sent(waiting, at).await
    }
}
