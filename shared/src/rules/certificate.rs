//! Rules about server certificates.

pub(super) mod server_certificate_expired;
pub(super) mod server_certificate_expiring;
pub(super) mod server_certificate_tags;
