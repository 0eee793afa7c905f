//! The known paths, by what they take advantage of.
//!
//! Sources: the catalogues that each path names, namely Rhino Security Labs, "AWS IAM Privilege Escalation: Methods
//! and Mitigation" (numbered as there), `pathfinding.cloud` and its labs, the checks of Prowler and
//! cloudsplaining, and `PMapper`'s edges. Sets that hold another set are kept, because the sources name them.

mod boundary_removal;
mod existing_resource;
mod new_pass_role;
mod principal_access;
mod self_escalation;

use super::path::Path;

/// Every path, in the order in which they are reported.
pub(super) fn all() -> impl Iterator<Item = &'static Path> {
    [
        self_escalation::PATHS,
        boundary_removal::PATHS,
        principal_access::PATHS,
        new_pass_role::PATHS,
        existing_resource::PATHS,
    ]
    .into_iter()
    .flatten()
}
