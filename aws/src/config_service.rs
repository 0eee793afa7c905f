//! AWS Config: reporting evaluations, and what it knows already.

mod history;

use aws_sdk_config::Client;
use aws_sdk_config::types;
use aws_types::SdkConfig;
use shared::engine::{Compliance, ConfigService, Evaluation, Page, PortError, Reported};
use shared::event::{ConfigurationItem, ItemSummary, ResultToken};

use crate::failure::Failure;
use crate::sdk::{Lazy, lazily};
use crate::time::to_sdk;

const PUT_EVALUATIONS: &str = "config:PutEvaluations";
const COMPLIANCE_DETAILS: &str = "config:GetComplianceDetailsByConfigRule";

/// AWS Config.
pub struct Config {
    client: Lazy<Client>,
}

impl Config {
    /// With the given configuration.
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: lazily(sdk, Client::new) }
    }
}

impl ConfigService for Config {
    async fn put_evaluations(
        &self,
        token: &ResultToken,
        evaluations: &[Evaluation],
    ) -> Result<Vec<Evaluation>, PortError> {
        let request = self.client.put_evaluations().result_token(token.as_str());
        let wire = evaluations.iter().map(wire).collect::<Result<_, _>>();
        let wire = wire.map_err(|failure| failure.port(PUT_EVALUATIONS))?;
        let answer = request.set_evaluations(Some(wire)).send().await;
        let answer = answer.map_err(|error| Failure::of(&error).port(PUT_EVALUATIONS))?;
        let failed = answer.failed_evaluations.unwrap_or_default();
        Ok(evaluations
            .iter()
            .filter(|ours| failed.iter().any(|theirs| is_same(ours, theirs)))
            .cloned()
            .collect())
    }

    async fn item_at(&self, summary: &ItemSummary) -> Result<Option<ConfigurationItem>, PortError> {
        history::item_at(&self.client, summary).await
    }

    async fn reported(&self, rule_name: &str, next: Option<&str>) -> Result<Page<Reported>, PortError> {
        let request = self
            .client
            .get_compliance_details_by_config_rule()
            .config_rule_name(rule_name)
            .compliance_types(types::ComplianceType::Compliant)
            .compliance_types(types::ComplianceType::NonCompliant)
            .limit(100)
            .set_next_token(next.map(str::to_owned));
        let answer = request.send().await.map_err(|error| Failure::of(&error).port(COMPLIANCE_DETAILS))?;
        let results = answer.evaluation_results.unwrap_or_default();
        let items = results.into_iter().filter_map(reported).collect();
        Ok(Page { items, next: answer.next_token.filter(|token| !token.is_empty()) })
    }
}

fn wire(evaluation: &Evaluation) -> Result<types::Evaluation, Failure> {
    types::Evaluation::builder()
        .compliance_resource_type(&evaluation.resource_type)
        .compliance_resource_id(&evaluation.resource_id)
        .compliance_type(match evaluation.compliance {
            Compliance::Compliant => types::ComplianceType::Compliant,
            Compliance::NonCompliant => types::ComplianceType::NonCompliant,
            Compliance::NotApplicable => types::ComplianceType::NotApplicable,
        })
        .set_annotation(evaluation.annotation.as_ref().map(|annotation| annotation.as_str().to_owned()))
        .ordering_timestamp(to_sdk(evaluation.ordering))
        .build()
        .map_err(|error| Failure::of_answer(error.to_string()))
}

/// Config gives back what it did not take; one resource is reported on once in a call.
fn is_same(ours: &Evaluation, theirs: &types::Evaluation) -> bool {
    ours.resource_id == theirs.compliance_resource_id && ours.resource_type == theirs.compliance_resource_type
}

fn reported(result: types::EvaluationResult) -> Option<Reported> {
    let qualifier = result.evaluation_result_identifier?.evaluation_result_qualifier?;
    Some(Reported { resource_type: qualifier.resource_type?, resource_id: qualifier.resource_id? })
}

#[cfg(test)]
mod tests;
