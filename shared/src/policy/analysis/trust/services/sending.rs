/// The services whose guides show a role's trust policy with `aws:SourceArn` or `aws:SourceAccount`: they send the
/// keys when they assume a role, so asking for them does no harm.
///
/// A service that is not listed is not known to send them; a condition might lock it out. So it is with EC2, Lambda,
/// CloudTrail (which delivers to a log group), AWS Backup and Elastic Transcoder, whose guides show no such trust policy.
///
/// Sources: each service's guide, mostly under "Cross-service confused deputy prevention"; where it stands elsewhere,
/// the entry says so. Sorted.
const SENDING: &[&str] = &[
    "airflow",
    "airflow-env",
    "amplify",
    "amplifybackend",
    "appstream",
    "autoscaling", // lifecycle hooks
    "batch",
    "bedrock",
    "bedrock-agentcore",
    "budgets",
    "cloudformation",
    "codebuild",
    "codepipeline",
    "cognito-idp", // "SMS message settings"
    "comprehend",
    "config",       // "Permissions for the IAM role assigned to AWS Config"
    "controltower", // "Optional conditions for your role trust relationships"
    "datasync",
    "dlm",
    "dms",
    "ds",        // AWS Directory Service
    "ecs-tasks", // "Amazon ECS task IAM role"
    "eks",
    "eks-fargate-pods", // "Amazon EKS Pod execution IAM role"
    "elasticmapreduce", // "Service role for Amazon EMR"
    "emr-serverless",
    "es",
    "events",
    "fis",
    "forecast",
    "frauddetector",
    "gamelift",
    "glue",
    "grafana",
    "greengrass",
    "healthlake",
    "hooks.cloudformation",
    "iot",
    "iotanalytics",
    "iotevents",
    "iotfleetwise",
    "iotsitewise",
    "iottwinmaker",
    "kafkaconnect", // Amazon MSK Connect
    "kendra",
    "kinesisanalytics",
    "lexv2",
    "logs", // "Cross-account log data sharing with subscriptions"
    "lookoutequipment",
    "lookoutmetrics",
    "mediaconvert",
    "mediatailor",
    "monitoring.rds",
    "omics",
    "opsworks-cm",
    "osis-pipelines",
    "personalize",
    "pinpoint",
    "pipes",
    "pods.eks",
    "proton",
    "qbusiness",
    "rds",
    "redshift",
    "redshift-serverless",
    "rekognition",
    "resources.cloudformation",
    "rolesanywhere", // "Trust policy" of the trust model
    "sagemaker",
    "scheduler",
    "ses",
    "spotfleet", // "Spot Fleet permissions"
    "ssm",
    "ssm-incidents",
    "states",
    "storagegateway",
    "textract",
    "transcribe", // "Confused deputy prevention policy"
    "transcribe.streaming",
    "transfer",
    "translate",
    "voiceid",
    "vpc-flow-logs", // "IAM role for publishing flow logs to CloudWatch Logs"
];

/// Whether a service, named without domain and Region, tells for whose resource it acts.
pub(in super::super) fn tells_source(service: &str) -> bool {
    SENDING.binary_search(&service).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_searching_it_works() {
        assert!(SENDING.is_sorted());
        assert!(SENDING.iter().all(|service| tells_source(service)));
        assert!(
            !["ec2", "lambda", "cloudtrail", "backup", "elastictranscoder", ""].into_iter().any(tells_source)
        );
    }
}
