use std::time::Duration;

use aws_sdk_iam::config::Config;
use aws_sdk_iam::types::EntityType;
use shared::engine::Page;
use shared::facts::{Read, Unread, User};

use super::pages::IamPage;
use super::{Iam, detail};
use crate::failure::Failure;
use crate::sdk::timeouts;

/// The most users of one page (IAM API, `MaxItems`).
const MOST: i32 = 1000;

impl Iam {
    /// A page of users with all that one call tells of them.
    pub(super) async fn page_of_users(&self, marker: Option<&str>) -> Result<Page<User>, Unread> {
        const READ: Read = Read::GetAccountAuthorizationDetails;
        let request = self
            .client
            .get_account_authorization_details()
            .filter(EntityType::User)
            .max_items(MOST)
            .set_marker(marker.map(str::to_owned))
            .customize()
            // A thousand users with their policies take longer than one.
            .config_override(
                Config::builder().timeout_config(timeouts(Duration::from_secs(30), Duration::from_secs(90))),
            );
        let answer = request.send().await.map_err(|error| Failure::of(&error).unread(READ))?;
        let next = IamPage::<User>::next(answer.is_truncated, answer.marker, READ)?;
        let users = answer.user_detail_list.unwrap_or_default();
        let items = users.into_iter().map(|user| detail::user(self, user)).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}
