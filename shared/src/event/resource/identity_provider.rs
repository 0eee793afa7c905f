use super::parts::Tag;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::Arn;

/// A SAML or OpenID Connect identity provider, as a configuration item describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityProviderItem {
    /// The provider's ARN.
    pub arn: Arn,
    /// The tags.
    pub tags: Option<Vec<Tag>>,
}

impl IdentityProviderItem {
    pub(super) fn read(field: &Field<'_>, tags: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self { arn: field.get("Arn")?.identifier(Arn::parse)?, tags: Tag::of_schema(field, tags)? })
    }
}
