//! Rules about users and roles alike.

pub(super) mod principal_required_tags;
