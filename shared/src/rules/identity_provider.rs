//! Rules about identity providers.

pub(super) mod identity_provider_tags;
