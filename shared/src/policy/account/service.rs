//! Services that run somebody's code as a role.

use std::sync::LazyLock;

use crate::policy::analysis::paths;

/// The service that a role must trust to be the one that a resource has, by the prefix of the action that makes use of
/// the resource.
///
/// Source: each service's guide, on the role that its resources have.
pub(super) fn resources_run_as(action: &str) -> Option<&'static str> {
    let (prefix, _) = action.split_once(':')?;
    Some(match prefix {
        "apprunner" => "tasks.apprunner.amazonaws.com",
        "batch" | "ecs" => "ecs-tasks.amazonaws.com",
        "bedrock-agentcore" => "bedrock-agentcore.amazonaws.com",
        "cloudformation" => "cloudformation.amazonaws.com",
        "codebuild" => "codebuild.amazonaws.com",
        "codedeploy" | "ec2" | "ec2-instance-connect" | "ssm" => EC2,
        "glue" => "glue.amazonaws.com",
        "lambda" => "lambda.amazonaws.com",
        "sagemaker" => "sagemaker.amazonaws.com",
        "states" => "states.amazonaws.com",
        _ => return None,
    })
}

/// Every service of a known path to administrator.
pub(super) static KNOWN: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let of_paths = paths().flat_map(|path| {
        let existing = path.needs.iter().filter_map(|need| resources_run_as(need.action));
        path.passed_to.iter().copied().chain(existing)
    });
    let mut known: Vec<&str> = of_paths.collect();
    known.sort_unstable();
    known.dedup();
    known
});

/// Instances have a role by way of an instance profile.
pub(super) const EC2: &str = "ec2.amazonaws.com";

/// A service as a trust policy in the China Regions may name it, too.
///
/// Source: "Service principals", Amazon Web Services in China guide.
pub(super) fn is_same(named: &str, service: &str) -> bool {
    named == service || named.strip_suffix(".cn") == Some(service)
}
