//! A few of AWS's managed policies, small enough to be known without the account file's telling them.

use serde_json::json;
use shared::identifier::Arn;
use shared::policy::PolicyDocument;

/// What a policy of AWS says.
///
/// Source: AWS Managed Policy Reference Guide.
pub(super) fn well_known(policy: &Arn) -> Option<PolicyDocument> {
    let statement = |effect, actions: &[&str]| json!({"Effect": effect, "Action": actions, "Resource": "*"});
    let statements = match policy.name() {
        "AdministratorAccess" => vec![statement("Allow", &["*"])],
        "AWSDenyAll" => vec![statement("Deny", &["*"])],
        "AWSLambdaBasicExecutionRole" => {
            vec![statement("Allow", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])]
        }
        "IAMFullAccess" => {
            let organization = ["organizations:Describe*", "organizations:List*"];
            vec![statement("Allow", &["iam:*"]), statement("Allow", &organization)]
        }
        "IAMReadOnlyAccess" => {
            vec![statement("Allow", &["iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*"])]
        }
        "PowerUserAccess" => {
            let without = ["account:*", "iam:*", "organizations:*"];
            let but = [
                "account:GetAccountInformation",
                "account:ListRegions",
                "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole",
                "iam:ListRoles",
                "organizations:DescribeOrganization",
            ];
            vec![json!({"Effect": "Allow", "NotAction": without, "Resource": "*"}), statement("Allow", &but)]
        }
        _ => return None,
    };
    Some(PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": statements}).to_string()))
}
