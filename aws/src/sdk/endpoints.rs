use std::collections::BTreeMap;

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::environment::Environment;

/// The variable that names an endpoint for every service.
const EVERY: &str = "AWS_ENDPOINT_URL";

/// The services that functions use, as the SDK names them.
const SERVICES: [&str; 8] =
    ["Account", "Config Service", "DynamoDB", "EventBridge", "IAM", "SESv2", "SNS", "SQS"];

/// Endpoints the environment names in place of AWS's own: `AWS_ENDPOINT_URL`, and
/// `AWS_ENDPOINT_URL_<SERVICE>` for one service (AWS SDKs and Tools reference, "Service-specific endpoints").
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    every: Option<String>,
    services: BTreeMap<&'static str, String>,
}

impl Endpoints {
    pub(super) fn of(environment: &Environment) -> Self {
        Self {
            every: environment.variable(EVERY),
            services: SERVICES
                .into_iter()
                .filter_map(|service| Some((service, environment.variable(&variable(service))?)))
                .collect(),
        }
    }

    /// The endpoint of services that have none of their own.
    pub(super) fn of_all(&self) -> Option<String> {
        self.every.clone()
    }
}

fn variable(service: &str) -> String {
    format!("{EVERY}_{}", service.to_ascii_uppercase().replace(' ', "_"))
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() == EVERY { self.services.get(key.service_id()).cloned() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::config::Builder;

    use super::*;

    #[test]
    fn a_services_own_endpoint_comes_before_the_one_of_all() {
        let environment = Environment::new(|name| match name {
            "AWS_ENDPOINT_URL" => Some("http://every".to_owned()),
            "AWS_ENDPOINT_URL_CONFIG_SERVICE" => Some("http://config".to_owned()),
            _ => None,
        });
        let sdk = crate::sdk::of_environment(&environment);
        let shown = format!("{:?}", aws_sdk_config::config::Builder::from(&sdk));
        assert!(shown.contains("http://config"), "{shown}");
        let shown = format!("{:?}", Builder::from(&sdk));
        assert!(shown.contains("http://every"), "{shown}");
    }
}
