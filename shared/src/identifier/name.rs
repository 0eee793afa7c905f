use super::{IdentifierError, string_identifier};

/// Declares an IAM name: 1 to `$most` characters of `[\w+=,.@-]`.
macro_rules! iam_name {
    ($(#[$doc:meta])* $type:ident, $most:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// Reads a name; IAM's own length and alphabet apply.
            pub fn parse(text: &str) -> Result<Self, IdentifierError> {
                let well_formed = (1..=$most).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
                if well_formed {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdentifierError::new(text, $expected))
                }
            }
        }

        string_identifier!($type);
    };
}

iam_name! {
    /// A user's name, unique in its account but usable again after a deletion.
    UserName, 64, "a user name of 1 to 64 characters from `A-Za-z0-9_+=,.@-`"
}
iam_name! {
    /// A role's name.
    RoleName, 64, "a role name of 1 to 64 characters from `A-Za-z0-9_+=,.@-`"
}
iam_name! {
    /// A group's name.
    GroupName, 128, "a group name of 1 to 128 characters from `A-Za-z0-9_+=,.@-`"
}
iam_name! {
    /// An inline or managed policy's name.
    PolicyName, 128, "a policy name of 1 to 128 characters from `A-Za-z0-9_+=,.@-`"
}
iam_name! {
    /// A server certificate's name.
    ServerCertificateName, 128, "a server certificate name of 1 to 128 characters from `A-Za-z0-9_+=,.@-`"
}
