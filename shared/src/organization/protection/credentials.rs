//! What the root user could do, and who makes users and their credentials.

use super::Questions;
use crate::organization::question::{Asked, Question, Who};

pub(super) fn root_user(of: &Asked) -> Questions {
    let ask = |what, action, resource| Question::new(Who::Root, what, action, resource);
    Questions {
        refused: vec![
            ask("list all buckets", "s3:ListAllMyBuckets", "*".to_owned()),
            ask("make a role", "iam:CreateRole", of.iam("role/anything")),
            ask("close the account", "account:CloseAccount", "*".to_owned()),
        ],
        let_through: Vec::new(),
    }
}

pub(super) fn root_keys(of: &Asked) -> Questions {
    let ask =
        Question::new(Who::Root, "make an access key of its own", "iam:CreateAccessKey", of.iam("root"));
    Questions { refused: vec![ask], let_through: Vec::new() }
}

pub(super) fn leaving() -> Questions {
    let what = "take the account out of the organisation, and with it out of these policies";
    let ask = Question::new(Who::Administrators, what, "organizations:LeaveOrganization", "*".to_owned());
    Questions { refused: vec![ask], let_through: Vec::new() }
}

pub(super) fn users_and_keys(of: &Asked) -> Questions {
    let ask = |what, action| Question::new(Who::Administrators, what, action, of.iam("user/somebody"));
    let refused = vec![
        ask("make a user", "iam:CreateUser"),
        ask("make an access key", "iam:CreateAccessKey"),
        ask("give a user a console password", "iam:CreateLoginProfile"),
        ask("make a service-specific credential", "iam:CreateServiceSpecificCredential"),
    ];
    let pipeline = of.pipeline.as_ref().map(ToString::to_string);
    let let_through = pipeline.into_iter().flat_map(|pipeline| {
        refused.iter().cloned().map(move |question| question.by(Who::Named(pipeline.clone())))
    });
    Questions { let_through: let_through.collect(), refused }
}
