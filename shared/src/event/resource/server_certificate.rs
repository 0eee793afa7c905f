use super::parts::Tag;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{Arn, ServerCertificateName};

/// A server certificate, as a configuration item describes it. When it expires is not in there.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerCertificateItem {
    /// The certificate's name.
    pub name: ServerCertificateName,
    /// The certificate's ARN.
    pub arn: Arn,
    /// The tags.
    pub tags: Option<Vec<Tag>>,
}

impl ServerCertificateItem {
    pub(super) fn read(field: &Field<'_>, tags: &Field<'_>) -> Result<Self, EventError> {
        Ok(Self {
            name: field.get("ServerCertificateName")?.identifier(ServerCertificateName::parse)?,
            arn: field.get("Arn")?.identifier(Arn::parse)?,
            tags: Tag::of_schema(field, tags)?,
        })
    }
}
