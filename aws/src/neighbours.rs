//! What stands next to IAM and says something of the account: IAM Access Analyzer, and the account's contacts.

use aws_sdk_account::types::AlternateContactType;
use aws_types::SdkConfig;
use shared::facts::{Analyzer, Fact, Read, Unread, WhyUnread};

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};

/// Reads of the account beside IAM. Only evaluate-account holds them: two more clients are a good part of a function.
pub(crate) struct Neighbours {
    access_analyzer: Lazy<aws_sdk_accessanalyzer::Client>,
    account: Lazy<aws_sdk_account::Client>,
}

impl Neighbours {
    /// Reads with the given configuration, in its Region.
    pub(crate) fn new(sdk: &SdkConfig) -> Self {
        Self {
            access_analyzer: lazily(sdk, aws_sdk_accessanalyzer::Client::new),
            account: lazily(sdk, aws_sdk_account::Client::new),
        }
    }

    /// Every analyzer in this Region.
    pub(crate) async fn analyzers(&self) -> Fact<Vec<Analyzer>> {
        const READ: Read = Read::ListAnalyzers;
        let mut analyzers = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let request = self.access_analyzer.list_analyzers().set_next_token(token.clone());
            let page = match request.send().await {
                Ok(page) => page,
                Err(error) => return Fact::Unknown(Failure::of(&error).unread(READ)),
            };
            analyzers.extend(page.analyzers.into_iter().map(|analyzer| Analyzer {
                name: analyzer.name,
                kind: analyzer.r#type.as_str().to_owned(),
                status: analyzer.status.as_str().to_owned(),
            }));
            match page.next_token.filter(|next| !next.is_empty()) {
                None => return Fact::Known(analyzers),
                same if same == token => {
                    let why = "the listing goes round in circles";
                    return Fact::Unknown(Unread::new(READ, WhyUnread::Failed, why));
                }
                next => token = next,
            }
        }
    }

    /// That there is a contact for security; who it is is not kept.
    pub(crate) async fn security_contact(&self) -> Fact<()> {
        let request =
            self.account.get_alternate_contact().alternate_contact_type(AlternateContactType::Security);
        match request.send().await {
            Ok(answer) if answer.alternate_contact.is_some() => Fact::Known(()),
            Ok(_) => Fact::Absent,
            Err(error) => {
                let failure = Failure::of(&error);
                if failure.is("ResourceNotFoundException") {
                    Fact::Absent
                } else {
                    Fact::Unknown(failure.unread(Read::GetAlternateContact))
                }
            }
        }
    }
}
