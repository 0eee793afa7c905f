//! What would let somebody out of quarantine.

use super::Questions;
use crate::organization::question::{Asked, Question, Who};
use crate::remedy::QUARANTINE_TAG;

/// The tag of whoever is in quarantine.
const MARK: &str = "aws:ResourceTag/bailiff:quarantined";

/// What only `suspend-principal` may put on and only `restore` take off.
fn suspending_and_restoring(on: [Question; 2], off: [Question; 2]) -> Questions {
    let by = |program: &'static str| move |question: &Question| question.clone().by(Who::Bailiff(program));
    Questions {
        let_through: on.iter().map(by("suspend-principal")).chain(off.iter().map(by("restore"))).collect(),
        refused: off.into_iter().chain(on).collect(),
    }
}

pub(super) fn attachment(of: &Asked) -> Questions {
    let (user, role) = (of.iam("user/suspended"), of.iam("role/suspended"));
    let ask = |what, action, resource: &str| {
        Question::new(Who::Administrators, what, action, resource.to_owned())
            .with("iam:PolicyARN", of.quarantine())
    };
    let from_user = ask("detach the quarantine policy from a user", "iam:DetachUserPolicy", &user);
    let from_role = ask("detach the quarantine policy from a role", "iam:DetachRolePolicy", &role);
    let on_user = ask("put a user into quarantine for good", "iam:AttachUserPolicy", &user);
    let on_role = ask("put a role into quarantine for good", "iam:AttachRolePolicy", &role);
    suspending_and_restoring([on_user, on_role], [from_user, from_role])
}

pub(super) fn text(of: &Asked) -> Questions {
    let ask = |what, action| Question::new(Who::Administrators, what, action, of.quarantine());
    Questions {
        refused: vec![
            ask("give the quarantine policy another text", "iam:CreatePolicyVersion"),
            ask("put another version of the quarantine policy in force", "iam:SetDefaultPolicyVersion"),
            ask("delete a version of the quarantine policy", "iam:DeletePolicyVersion"),
            ask("delete the quarantine policy", "iam:DeletePolicy"),
        ],
        let_through: Vec::new(),
    }
}

pub(super) fn boundary(of: &Asked) -> Questions {
    let (user, role) = (of.iam("user/suspended"), of.iam("role/suspended"));
    let ask = |what, action, resource: &str| {
        let question = Question::new(Who::Administrators, what, action, resource.to_owned());
        question.with("iam:PermissionsBoundary", of.quarantine())
    };
    let from_user =
        ask("take the quarantine boundary off a user", "iam:DeleteUserPermissionsBoundary", &user);
    let from_role =
        ask("take the quarantine boundary off a role", "iam:DeleteRolePermissionsBoundary", &role);
    let on_user =
        ask("put the quarantine boundary on a user for good", "iam:PutUserPermissionsBoundary", &user);
    let on_role =
        ask("put the quarantine boundary on a role for good", "iam:PutRolePermissionsBoundary", &role);
    suspending_and_restoring([on_user, on_role], [from_user, from_role])
}

pub(super) fn mark(of: &Asked) -> Questions {
    let (user, role) = (of.iam("user/suspended"), of.iam("role/suspended"));
    let ask = |what, action, resource: &str| {
        Question::new(Who::Administrators, what, action, resource.to_owned()).with(MARK, "true")
    };
    let tags = |what, action, resource: &str| {
        Question::new(Who::Administrators, what, action, resource.to_owned())
            .with("aws:TagKeys", QUARANTINE_TAG)
    };
    let keys = ask("switch a quarantined user's key on again", "iam:UpdateAccessKey", &user);
    let of_user = ask("delete the inline policy that quarantines a user", "iam:DeleteUserPolicy", &user);
    let of_role = ask("delete the inline policy that quarantines a role", "iam:DeleteRolePolicy", &role);
    let off = ask("take the mark off a quarantined user", "iam:UntagUser", &user)
        .with("aws:TagKeys", QUARANTINE_TAG);
    let off_role = ask("take the mark off a quarantined role", "iam:UntagRole", &role)
        .with("aws:TagKeys", QUARANTINE_TAG);
    Questions {
        let_through: vec![
            ask("quarantine a user by an inline policy", "iam:PutUserPolicy", &user)
                .by(Who::Bailiff("suspend-principal")),
            tags("mark a user as quarantined", "iam:TagUser", &user).by(Who::Bailiff("suspend-principal")),
            tags("mark a role as quarantined", "iam:TagRole", &role).by(Who::Bailiff("suspend-principal")),
            off.clone().by(Who::Bailiff("restore")),
            off_role.clone().by(Who::Bailiff("restore")),
            keys.clone().by(Who::Bailiff("restore")),
            of_user.clone().by(Who::Bailiff("restore")),
            of_role.clone().by(Who::Bailiff("restore")),
        ],
        refused: vec![
            keys,
            of_user,
            of_role,
            ask("overwrite the inline policy that quarantines a user", "iam:PutUserPolicy", &user),
            ask("overwrite the inline policy that quarantines a role", "iam:PutRolePolicy", &role),
            ask("give a quarantined user another boundary", "iam:PutUserPermissionsBoundary", &user)
                .with("iam:PermissionsBoundary", of.iam("policy/another")),
            ask("make a quarantined user a new key", "iam:CreateAccessKey", &user),
            off,
            off_role,
            tags("mark a user as quarantined", "iam:TagUser", &user),
            tags("mark a role as quarantined", "iam:TagRole", &role),
        ],
    }
}
