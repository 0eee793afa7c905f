/// Says whether actions change anything. A catalogue of AWS's access levels can stand in; where it does not know an
/// action, its verb tells.
pub trait AccessLevels {
    /// Whether an action, such as `s3:GetObject` in any letter case, changes anything: writes, tags, or permissions.
    fn writes(&self, service: &str, name: &str) -> Option<bool>;
}

/// Knows no action, and leaves all to their verbs.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByVerb;

impl AccessLevels for ByVerb {
    fn writes(&self, _: &str, _: &str) -> Option<bool> {
        None
    }
}

/// Verbs of actions that only read, by far most of those that begin so.
const READING: &[&str] = &[
    "AdminGet",
    "AdminList",
    "Analyze",
    "Autocomplete",
    "BatchCheck",
    "BatchDescribe",
    "BatchDetect",
    "BatchGet",
    "BatchIs",
    "BatchList",
    "BatchRead",
    "BatchSearch",
    "Calculate",
    "Check",
    "Classify",
    "Compare",
    "Contains",
    "Count",
    "Describe",
    "Detect",
    "Discover",
    "Download",
    "Estimate",
    "Evaluate",
    "Fetch",
    "Filter",
    "Geocode",
    "Get",
    "Head",
    "Infer",
    "Is",
    "List",
    "Lookup",
    "Poll",
    "Predict",
    "Preview",
    "Probe",
    "Query",
    "Read",
    "Receive",
    "Recognize",
    "Render",
    "Retrieve",
    "Sample",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "Suggest",
    "Synthesize",
    "Test",
    "Translate",
    "Validate",
    "View",
];

/// Actions, by service and the beginning of their names, that read although their verbs do not say so.
///
/// Source: Service Authorization Reference, the access levels of these services' actions.
const READING_OF_SERVICE: &[(&str, &str)] = &[
    ("acm", "ExportCertificate"),
    ("agent-registry", "InvokeRegistryMcp"),
    ("appmesh", "StreamAggregatedResources"),
    ("bedrock", "AgenticRetrieve"),
    ("bedrock", "ApplyGuardrail"),
    ("bedrock", "CallWithBearerToken"),
    ("bedrock", "GenerateQuery"),
    ("bedrock", "InvokeAgent"),
    ("bedrock", "InvokeFlow"),
    ("bedrock", "InvokeInlineAgent"),
    ("bedrock", "InvokeModel"),
    ("bedrock-mantle", "CallWithBearerToken"),
    ("cloudtrail", "GenerateQuery"),
    ("cloudwatch", "GenerateQuery"),
    ("cleanrooms", "Pass"),
    ("codecommit", "GitPull"),
    ("codestar", "Verify"),
    ("config", "Deliver"),
    ("dax", "ConditionCheck"),
    ("devops-guru", "StartCostEstimation"),
    ("ds", "AccessDSData"),
    ("ds", "Verify"),
    ("dynamodb", "ConditionCheck"),
    ("dynamodb", "PartiQLSelect"),
    ("ec2", "ExportClientVpn"),
    ("eks", "AccessKubernetesApi"),
    ("elasticbeanstalk", "Request"),
    ("elasticfilesystem", "ClientMount"),
    ("elasticfilesystem", "ReplicationRead"),
    ("elemental-inference", "Export"),
    ("es", "ESCrossClusterGet"),
    ("es", "ESHttpGet"),
    ("es", "ESHttpHead"),
    ("gamelift", "Resolve"),
    ("iam", "Generate"),
    ("internetmonitor", "StartQuery"),
    ("internetmonitor", "StopQuery"),
    ("iotsitewise", "ExecuteQuery"),
    ("iottwinmaker", "ExecuteQuery"),
    ("kinesis", "SubscribeToShard"),
    // AWS calls it a write, but it only tells what was written.
    ("kms", "Decrypt"),
    ("logs", "StartLiveTail"),
    ("logs", "StartQuery"),
    ("logs", "StopLiveTail"),
    ("logs", "StopQuery"),
    ("logs", "Unmask"),
    ("s3files", "ClientMount"),
    ("sagemaker", "InvokeEndpoint"),
    ("schemas", "Export"),
    ("sdb", "DomainMetadata"),
    ("servicequotas", "StartQuotaUtilizationReport"),
    ("timestream", "CancelQuery"),
    ("timestream", "PrepareQuery"),
    ("wellarchitected", "Export"),
    ("xray", "CancelTraceRetrieval"),
    ("xray", "StartTraceRetrieval"),
];

/// The opposite: actions that change something although their verbs read.
const WRITING_OF_SERVICE: &[(&str, &str)] =
    &[("codepipeline", "Poll"), ("ecs", "Poll"), ("elasticache", "Test"), ("license-manager", "CheckIn")];

/// Whether some action that a pattern covers changes something, for all that is known.
pub(super) fn reaches_writes(levels: &dyn AccessLevels, service: &str, name: &str) -> bool {
    let wildcard = name.bytes().position(|byte| byte == b'*' || byte == b'?');
    let start = wildcard.and_then(|at| name.get(..at)).unwrap_or(name);
    let whole = start.len() == name.len();
    let known = if whole { levels.writes(service, name) } else { None };
    known.unwrap_or_else(|| {
        if begins_reading(start, whole) {
            is_among(WRITING_OF_SERVICE, service, start)
        } else {
            !is_among(READING_OF_SERVICE, service, start)
        }
    })
}

/// Whether a name, or all names that begin so, begin with a reading verb.
fn begins_reading(start: &str, whole: bool) -> bool {
    let starts = |verb: &&str| {
        if let Some((head, rest)) = start.split_at_checked(verb.len()) {
            // `Issue` does not begin with `Is`. A name in lower case alone gives no such hint.
            let goes_on = rest.starts_with(|next: char| next.is_ascii_lowercase());
            head.eq_ignore_ascii_case(verb)
                && !(goes_on && head.starts_with(|first: char| first.is_ascii_uppercase()))
        } else {
            // Three letters are enough to tell that `Des*` is `Describe*`.
            !whole
                && start.len() >= 3
                && verb.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
        }
    };
    // By far most of those that read.
    let usual = ["Get", "List", "Describe"].iter().any(starts);
    let first = start.as_bytes().first().map(u8::to_ascii_uppercase);
    usual || READING.iter().filter(|verb| verb.as_bytes().first().copied() == first).any(starts)
}

/// Whether all that begins so is among the actions.
fn is_among(actions: &[(&str, &str)], service: &str, start: &str) -> bool {
    actions.iter().any(|(of, beginning)| {
        of.eq_ignore_ascii_case(service)
            && start.get(..beginning.len()).is_some_and(|head| head.eq_ignore_ascii_case(beginning))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ActionPattern;

    #[test]
    fn the_verb_tells_reading_from_writing() {
        for (pattern, expected) in [
            ("s3:GetObject", false),
            ("s3:getobject", false),
            ("s3:Get*", false),
            ("s3:GetO?ject*", false),
            ("s3:Lis*", false),
            ("s3:G*", true),
            ("s3:*", true),
            ("*:Describe*", false),
            ("*", true),
            ("s3:PutObject", true),
            ("acm-pca:IssueCertificate", true),
            ("license-manager:CheckoutLicense", true),
            ("iam:GenerateCredentialReport", false),
            ("kms:GenerateDataKey", true),
            ("iam:Sim*", false),
            ("logs:StartQuery", false),
            ("logs:Start*", true),
            ("glue:StartJobRun", true),
            ("ec2:BatchGetX", false),
            ("new-service:Frobnicate", true),
        ] {
            let pattern = ActionPattern::parse(pattern).unwrap();
            assert_eq!(reaches_writes(&ByVerb, pattern.service(), pattern.name()), expected, "{pattern:?}");
        }
    }

    #[test]
    fn a_catalogue_counts_before_the_verb() {
        struct Catalogue;
        impl AccessLevels for Catalogue {
            fn writes(&self, service: &str, name: &str) -> Option<bool> {
                (service == "athena" && name == "GetSessionEndpoint").then_some(true)
            }
        }
        assert!(reaches_writes(&Catalogue, "athena", "GetSessionEndpoint"));
        assert!(!reaches_writes(&Catalogue, "athena", "GetSession"));
    }
}
