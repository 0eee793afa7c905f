//! Paths by which a principal sheds what caps it.

use super::super::path::{Category, Path, own};
use crate::policy::analysis::ResourceKind;

const ROLE: ResourceKind = ResourceKind::ROLE;
const USER: ResourceKind = ResourceKind::USER;

pub(super) const PATHS: &[Path] = &[
    Path {
        id: "iam-delete-user-permissions-boundary",
        category: Category::BoundaryRemoval,
        needs: &[own("iam:DeleteUserPermissionsBoundary", USER)],
        passed_to: &[],
        depends_on: Some("a boundary that holds the principal back"),
        named_by: &["Prowler"],
    },
    Path {
        id: "iam-put-role-permissions-boundary",
        category: Category::BoundaryRemoval,
        needs: &[own("iam:PutRolePermissionsBoundary", ROLE)],
        passed_to: &[],
        depends_on: Some("a boundary that holds the principal back"),
        named_by: &["iann0036 PrivEsc tag"],
    },
    Path {
        id: "iam-put-user-permissions-boundary",
        category: Category::BoundaryRemoval,
        needs: &[own("iam:PutUserPermissionsBoundary", USER)],
        passed_to: &[],
        depends_on: Some("a boundary that holds the principal back"),
        named_by: &["iann0036 PrivEsc tag"],
    },
];
