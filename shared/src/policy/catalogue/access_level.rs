use std::fmt;

/// What kind of access an action gives.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>
///
/// It is AWS's classification, as it stands: `iam:PassRole` is `Write`, and `s3:GetObject` `Read`. It says what an
/// action does to its resource, not how dangerous it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Sees that resources exist, but not what is in them.
    List,
    /// Reads what is in a resource.
    Read,
    /// Creates, changes or deletes.
    Write,
    /// Writes who may do what.
    PermissionsManagement,
    /// Writes tags and nothing else.
    Tagging,
}

impl AccessLevel {
    /// All of them, in AWS's order.
    pub const ALL: [Self; 5] =
        [Self::List, Self::Read, Self::Write, Self::PermissionsManagement, Self::Tagging];

    /// The level in AWS's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::PermissionsManagement => "Permissions management",
            Self::Tagging => "Tagging",
        }
    }

    /// Whether it changes anything: tags and permissions are changed too.
    pub fn writes(self) -> bool {
        match self {
            Self::List | Self::Read => false,
            Self::Write | Self::PermissionsManagement | Self::Tagging => true,
        }
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
