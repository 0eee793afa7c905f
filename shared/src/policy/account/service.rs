//! Services that run somebody's code as a role.

/// The services that a role must trust so that code that an action of `service` starts runs as it: as it is passed,
/// or as a resource that exists already has it.
///
/// Source: Service Authorization Reference and each service's guide, on the role that it assumes. Several where the
/// service leaves the choice.
pub(super) fn runs_as(prefix: &str) -> &'static [&'static str] {
    match prefix {
        "apprunner" => &["tasks.apprunner.amazonaws.com", "build.apprunner.amazonaws.com"],
        "autoscaling" | "codedeploy" | "ec2" | "ec2-instance-connect" | "imagebuilder" => EC2,
        "batch" | "ecs" => &["ecs-tasks.amazonaws.com"],
        "bedrock-agentcore" => &["bedrock-agentcore.amazonaws.com"],
        "braket" => &["braket.amazonaws.com"],
        "cloudformation" => &["cloudformation.amazonaws.com"],
        "codebuild" => &["codebuild.amazonaws.com"],
        "codestar" => &["codestar.amazonaws.com"],
        "cognito-identity" => &["cognito-identity.amazonaws.com"],
        "datapipeline" => &["datapipeline.amazonaws.com", "ec2.amazonaws.com"],
        "elasticmapreduce" => &["elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"],
        "emr-serverless" => &["emr-serverless.amazonaws.com"],
        "gamelift" => &["gamelift.amazonaws.com"],
        "glue" => &["glue.amazonaws.com"],
        "kinesisanalytics" => &["kinesisanalytics.amazonaws.com"],
        "lambda" => &["lambda.amazonaws.com"],
        "omics" => &["omics.amazonaws.com"],
        "sagemaker" => &["sagemaker.amazonaws.com"],
        "scheduler" => &["scheduler.amazonaws.com"],
        "ssm" => &["ssm.amazonaws.com", "ec2.amazonaws.com"],
        "states" => &["states.amazonaws.com"],
        _ => &[],
    }
}

const EC2: &[&str] = &["ec2.amazonaws.com"];
