//! Paths by which a principal adds to its own permissions.

use super::super::path::{Category, Path, every, own};
use crate::policy::analysis::ResourceKind;

const GROUP: ResourceKind = ResourceKind::GROUP;
const POLICY: ResourceKind = ResourceKind::POLICY;
const ROLE: ResourceKind = ResourceKind::ROLE;
const USER: ResourceKind = ResourceKind::USER;

pub(super) const PATHS: &[Path] = &[
    Path {
        id: "iam-add-user-to-group",
        category: Category::SelfEscalation,
        needs: &[every("iam:AddUserToGroup", GROUP)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-013",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-013",
            "Rhino R13 AddUserToGroup",
        ],
    },
    Path {
        id: "iam-attach-group-policy",
        category: Category::SelfEscalation,
        needs: &[every("iam:AttachGroupPolicy", GROUP)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-010",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-010",
            "Rhino R8 AttachGroupPolicy",
            "PMapper",
        ],
    },
    Path {
        id: "iam-attach-role-policy",
        category: Category::SelfEscalation,
        needs: &[own("iam:AttachRolePolicy", ROLE)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-009",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-009",
            "Rhino R9 AttachRolePolicy",
            "PMapper",
        ],
    },
    Path {
        id: "iam-attach-user-policy",
        category: Category::SelfEscalation,
        needs: &[own("iam:AttachUserPolicy", USER)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-008",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-008",
            "Rhino R7 AttachUserPolicy",
            "PMapper",
        ],
    },
    Path {
        id: "iam-create-policy-version",
        category: Category::SelfEscalation,
        needs: &[every("iam:CreatePolicyVersion", POLICY)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-001",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-001",
            "Rhino R1 CreateNewPolicyVersion",
            "PMapper",
        ],
    },
    Path {
        id: "iam-put-group-policy",
        category: Category::SelfEscalation,
        needs: &[every("iam:PutGroupPolicy", GROUP)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-011",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-011",
            "Rhino R11 PutGroupPolicy",
            "PMapper",
        ],
    },
    Path {
        id: "iam-put-role-policy",
        category: Category::SelfEscalation,
        needs: &[own("iam:PutRolePolicy", ROLE)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-005",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-005",
            "Rhino R12 PutRolePolicy",
            "PMapper",
        ],
    },
    Path {
        id: "iam-put-user-policy",
        category: Category::SelfEscalation,
        needs: &[own("iam:PutUserPolicy", USER)],
        passed_to: &[],
        depends_on: None,
        named_by: &[
            "pathfinding.cloud iam-007",
            "Prowler",
            "cloudsplaining",
            "pathfinding-labs iam-007",
            "Rhino R10 PutUserPolicy",
            "PMapper",
        ],
    },
    Path {
        id: "iam-set-default-policy-version",
        category: Category::SelfEscalation,
        needs: &[every("iam:SetDefaultPolicyVersion", POLICY)],
        passed_to: &[],
        depends_on: Some("an earlier version of a policy that allows more"),
        named_by: &["Prowler", "cloudsplaining", "Rhino R2 SetExistingDefaultPolicyVersion"],
    },
];
