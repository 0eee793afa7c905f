//! What would stop Bailiff, blind it, or act with its rights.

use super::Questions;
use crate::organization::question::{Asked, Question, Who};

fn refused(of: &[(&'static str, &'static str, String)]) -> Vec<Question> {
    of.iter()
        .map(|(what, action, resource)| Question::new(Who::Administrators, what, action, resource.clone()))
        .collect()
}

pub(super) fn roles(of: &Asked) -> Questions {
    let restore = of.role("restore");
    Questions {
        refused: refused(&[
            ("make a role of Bailiff's name", "iam:CreateRole", restore.clone()),
            ("say who may assume a role of Bailiff's", "iam:UpdateAssumeRolePolicy", restore.clone()),
            ("widen a role of Bailiff's", "iam:PutRolePolicy", restore.clone()),
            ("delete a role of Bailiff's", "iam:DeleteRole", restore.clone()),
            ("give a role of Bailiff's to something else", "iam:PassRole", restore),
        ]),
        let_through: Vec::new(),
    }
}

pub(super) fn functions(of: &Asked) -> Questions {
    let stack = &of.stack;
    let function = of.regional("lambda", &format!("function:{stack}-suspend-principal"));
    let layer = of.regional("lambda", &format!("layer:{stack}-governance"));
    let mapping = of.regional("lambda", "event-source-mapping:6e3f2b10-0000-0000-0000-000000000000");
    let of_stack =
        of.regional("cloudformation", &format!("stack/{stack}/6e3f2b10-0000-0000-0000-000000000000"));
    let mut refused = refused(&[
        ("change Bailiff's code", "lambda:UpdateFunctionCode", function.clone()),
        ("change what Bailiff's functions are told", "lambda:UpdateFunctionConfiguration", function.clone()),
        ("stop Bailiff's functions", "lambda:PutFunctionConcurrency", function.clone()),
        ("delete Bailiff's functions", "lambda:DeleteFunction", function.clone()),
        ("let others call Bailiff's functions", "lambda:AddPermission", function.clone()),
        ("publish a governance file", "lambda:PublishLayerVersion", layer),
        (
            "switch off the sweep",
            "events:DisableRule",
            of.regional("events", &format!("rule/{stack}-reconcile")),
        ),
        (
            "delete Bailiff's alarms",
            "cloudwatch:DeleteAlarms",
            of.regional("cloudwatch", &format!("alarm:{stack}-sweep-silence")),
        ),
        (
            "delete Bailiff's logs",
            "logs:DeleteLogGroup",
            of.regional("logs", &format!("log-group:/aws/lambda/{stack}-restore")),
        ),
        ("change Bailiff's stack", "cloudformation:UpdateStack", of_stack.clone()),
        ("delete Bailiff's stack", "cloudformation:DeleteStack", of_stack),
    ]);
    let unfed = Question::new(
        Who::Administrators,
        "cut Bailiff's functions off their queues",
        "lambda:DeleteEventSourceMapping",
        mapping,
    );
    refused.push(unfed.with("lambda:FunctionArn", function.clone()));
    let order = Question::new(Who::Administrators, "give Bailiff orders", "lambda:InvokeFunction", function);
    refused.push(order.with("lambda:InvokedViaFunctionUrl", "false"));
    Questions { refused, let_through: Vec::new() }
}

pub(super) fn journal(of: &Asked) -> Questions {
    let table = of.regional("dynamodb", &format!("table/{}-Journal-1A2B3C4D5E6F7", of.stack));
    let queue = of.regional("sqs", &format!("{}-suspend-principal.fifo", of.stack));
    let write = |who| Question::new(who, "write the journal", "dynamodb:PutItem", table.clone());
    let mut refused = refused(&[
        ("delete the journal", "dynamodb:DeleteTable", table.clone()),
        ("take the order to stop back", "dynamodb:DeleteItem", table.clone()),
        ("put a finding into a queue", "sqs:SendMessage", queue.clone()),
        ("take findings out of a queue", "sqs:PurgeQueue", queue.clone()),
        ("delete a queue", "sqs:DeleteQueue", queue.clone()),
    ]);
    refused.push(write(Who::Administrators));
    let hand_on =
        Question::new(Who::Bailiff("evaluate-changes"), "hand a finding on", "sqs:SendMessage", queue);
    Questions { refused, let_through: vec![write(Who::Bailiff("suspend-principal")), hand_on] }
}

pub(super) fn protected_names(of: &Asked) -> Questions {
    Questions {
        refused: refused(&[
            (
                "make a role that passes for Control Tower's",
                "iam:CreateRole",
                of.iam("role/AWSControlTowerAdmin"),
            ),
            (
                "make a role that passes for Control Tower's",
                "iam:CreateRole",
                of.iam("role/aws-controltower-AdministratorExecutionRole"),
            ),
            (
                "make a role that passes for Identity Center's",
                "iam:CreateRole",
                of.iam("role/AWSReservedSSO_Admin_0123456789abcdef"),
            ),
            (
                "make a role that passes for a StackSet's",
                "iam:CreateRole",
                of.iam("role/stacksets-exec-0123456789abcdef"),
            ),
            (
                "make a role that passes for a StackSet's",
                "iam:CreateRole",
                of.iam("role/AWSCloudFormationStackSetExecutionRole"),
            ),
            (
                "make a role that passes for the organisation's",
                "iam:CreateRole",
                of.iam("role/OrganizationAccountAccessRole"),
            ),
        ]),
        let_through: Vec::new(),
    }
}

pub(super) fn config(of: &Asked) -> Questions {
    let recorder = of.regional("config", "configuration-recorder/default/0123456789abcdef");
    let rule = of.regional("config", "config-rule/config-rule-a1b2c3");
    Questions {
        refused: refused(&[
            ("stop AWS Config's recorder", "config:StopConfigurationRecorder", recorder.clone()),
            ("have AWS Config record less", "config:PutConfigurationRecorder", recorder.clone()),
            ("delete AWS Config's recorder", "config:DeleteConfigurationRecorder", recorder),
            ("delete AWS Config's delivery channel", "config:DeleteDeliveryChannel", "*".to_owned()),
            ("delete AWS Config's rules", "config:DeleteConfigRule", rule.clone()),
            ("change AWS Config's rules", "config:PutConfigRule", rule),
        ]),
        let_through: Vec::new(),
    }
}

pub(super) fn cloudtrail(of: &Asked) -> Questions {
    let trail = of.regional("cloudtrail", "trail/organization");
    Questions {
        refused: refused(&[
            ("stop a trail", "cloudtrail:StopLogging", trail.clone()),
            ("delete a trail", "cloudtrail:DeleteTrail", trail.clone()),
            ("send a trail elsewhere", "cloudtrail:UpdateTrail", trail.clone()),
            ("have a trail record less", "cloudtrail:PutEventSelectors", trail),
        ]),
        let_through: Vec::new(),
    }
}
