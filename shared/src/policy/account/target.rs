use super::action::Action;
use super::principal::{Kind, Principal};
use crate::policy::analysis::Known;

/// What an action is done to, and what the request says besides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) arn: &'a str,
    /// The principal it is, where it is one that exists.
    principal: Option<&'a Principal>,
    /// Keys of this request, and their values; `None` where the request does not have the key.
    keys: [Option<(&'a str, Option<&'a str>)>; 2],
}

impl<'a> Target<'a> {
    /// Something that is known by its ARN alone.
    pub(super) fn named(arn: &'a str) -> Self {
        Self { arn, principal: None, keys: [None; 2] }
    }

    /// A user, group or role that exists.
    pub(super) fn principal(principal: &'a Principal) -> Self {
        Self { principal: Some(principal), ..Self::named(principal.arn.as_str()) }
    }

    /// Whether it is a principal that exists.
    pub(super) fn is_principal(&self) -> bool {
        self.principal.is_some()
    }

    /// Its place in the account.
    pub(super) fn place(&self) -> Option<usize> {
        self.principal?.place
    }

    /// In a request that has a key with a value.
    #[must_use]
    pub(super) fn with(self, key: &'a str, value: &'a str) -> Self {
        self.telling(key, Some(value))
    }

    /// In a request without a key.
    #[must_use]
    pub(super) fn without(self, key: &'static str) -> Self {
        self.telling(key, None)
    }

    fn telling(self, key: &'a str, value: Option<&'a str>) -> Self {
        let [first, _] = self.keys;
        Self { keys: [Some((key, value)), first], ..self }
    }

    /// The action that sets tags on it, if it is a user or a role, and that is not what is being asked for.
    pub(super) fn tagging(&self) -> Option<Action> {
        if self.keys.iter().flatten().any(|(key, _)| *key == TAG_KEYS) {
            return None;
        }
        let principal = self.principal.filter(|it| !it.is_reserved)?;
        match principal.kind {
            Kind::User => Some(Action::TagUser),
            Kind::Role => Some(Action::TagRole),
            Kind::Group | Kind::Member => None,
        }
    }

    /// In a request that sets a tag, whose key stands behind `aws:RequestTag/`.
    #[must_use]
    pub(super) fn tagged(self, tag: &'a str, key: &'a str, value: &'a str) -> Self {
        Self { keys: [None; 2], ..self }.with(TAG_KEYS, tag).with(key, value)
    }

    /// What is known of a key that says what is asked for.
    pub(super) fn known(&self, key: &str) -> Option<Known<'a>> {
        let told = self.keys.iter().flatten().find(|(name, _)| name.eq_ignore_ascii_case(key));
        if let Some((_, value)) = told {
            return Some(maybe(*value));
        }
        match key.to_ascii_lowercase().as_str() {
            "aws:resourceaccount" => {
                let account = self.arn.split(':').nth(4)?;
                (account.len() == 12).then(|| Known::Value(account.into()))
            }
            // Of a user or role it is the boundary that it has.
            "iam:permissionsboundary" => {
                let principal = self.principal.filter(|it| it.kind != Kind::Group)?;
                match &principal.boundary {
                    Some(boundary) => boundary.arn.as_deref().map(|arn| maybe(Some(arn))),
                    None => Some(maybe(None)),
                }
            }
            lower => {
                let tag = lower
                    .strip_prefix("aws:resourcetag/")
                    .or_else(|| lower.strip_prefix("iam:resourcetag/"))?;
                // Groups have no tags, and nobody says here what those of policies are.
                let principal = self.principal.filter(|it| it.kind != Kind::Group)?;
                let held = principal.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(tag));
                Some(maybe(held.map(|(_, value)| value.as_str())))
            }
        }
    }
}

/// The condition key that says which tags a request sets.
const TAG_KEYS: &str = "aws:TagKeys";

/// A value, or that there is none.
pub(super) fn maybe(value: Option<&str>) -> Known<'_> {
    value.map_or(Known::Absent, |value| Known::Value(value.into()))
}
