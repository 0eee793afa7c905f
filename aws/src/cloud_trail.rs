//! What CloudTrail recorded of calls to IAM: one operation, which is not worth a client of its own. The request goes the
//! SDK's own way, with its connections, timeouts and retries.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_iam::config::http::{HttpRequest, HttpResponse};
use aws_sdk_iam::error::{ErrorMetadata, ProvideErrorMetadata};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::retries::classifiers::SharedRetryClassifier;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::engine::{LookUpCalls, Page, PortError, PortErrorKind};
use shared::masked::Masked;

use crate::failure::Failure;

const LOOKUP_EVENTS: &str = "cloudtrail:LookupEvents";
/// CloudTrail API, `LookupEvents`.
const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
/// The most that it gives at once.
const ON_A_PAGE: u32 = 50;
const JSON: &str = "application/x-amz-json-1.1";

/// Where a partition's IAM is, hence where CloudTrail records its calls (IAM user guide, "Resilience"; AWS General
/// Reference, "IAM endpoints"): the Region, and the suffix of its hosts.
fn home_of_iam(partition: &str) -> Option<(&'static str, &'static str)> {
    match partition {
        "aws" => Some(("us-east-1", "amazonaws.com")),
        "aws-cn" => Some(("cn-north-1", "amazonaws.com.cn")),
        "aws-us-gov" => Some(("us-gov-west-1", "amazonaws.com")),
        _ => None,
    }
}

/// CloudTrail's event history.
pub(crate) struct CloudTrail {
    sdk: SdkConfig,
    partition: String,
    /// In place of AWS's own.
    endpoint: Option<String>,
}

/// What CloudTrail refused.
#[derive(Debug)]
struct Refused(ErrorMetadata);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Refused {}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl CloudTrail {
    /// Of the partition; `endpoint` stands in the place of AWS's own.
    pub(crate) fn new(sdk: &SdkConfig, partition: &str, endpoint: Option<String>) -> Self {
        let endpoint = endpoint.or_else(|| sdk.endpoint_url().map(str::to_owned));
        Self { sdk: sdk.clone(), partition: partition.to_owned(), endpoint }
    }

    async fn look_up(&self, request: &Value) -> Result<Value, PortError> {
        let Some((region, suffix)) = home_of_iam(&self.partition) else {
            let why = format!(
                "where CloudTrail has IAM's calls in the partition {} is not known here",
                self.partition
            );
            return Err(failed(&why));
        };
        let host = || format!("https://cloudtrail.{region}.{suffix}");
        let endpoint = self.endpoint.clone().unwrap_or_else(host).trim_end_matches('/').to_owned();
        let body = request.to_string();
        let headers =
            self.signed(&format!("{endpoint}/"), region, &body).await.map_err(|why| failed(&why))?;
        let missing = || failed("the SDK has no client or no timeouts");
        let operation = Operation::builder()
            .service_name("CloudTrail")
            .operation_name("LookupEvents")
            .http_client(self.sdk.http_client().ok_or_else(missing)?)
            .endpoint_url(&endpoint)
            .no_auth()
            .standard_retry(self.sdk.retry_config().ok_or_else(missing)?)
            .retry_classifier(SharedRetryClassifier::new(HttpStatusCodeClassifier::default()))
            .retry_classifier(SharedRetryClassifier::new(TransientErrorClassifier::<Refused>::new()))
            .timeout_config(self.sdk.timeout_config().ok_or_else(missing)?.clone())
            .serializer(move |(): ()| {
                let mut request = HttpRequest::new(SdkBody::from(body.clone()));
                request.set_method("POST")?;
                request.set_uri("/")?;
                for (name, value) in &headers {
                    request.headers_mut().try_insert(name.clone(), value.clone())?;
                }
                Ok(request)
            })
            .deserializer(|response: &HttpResponse| answered(response).map_err(OrchestratorError::operation))
            .build();
        operation.invoke(()).await.map_err(|error| Failure::of(&error).port(LOOKUP_EVENTS))
    }

    /// The headers that the request must have.
    async fn signed(&self, url: &str, region: &str, body: &str) -> Result<Vec<(String, String)>, String> {
        let provider = self.sdk.credentials_provider().ok_or("the function has no credentials")?;
        let credentials = provider.provide_credentials().await.map_err(|error| error.to_string())?;
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("cloudtrail")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let own = [("content-type", JSON), ("x-amz-target", TARGET)];
        let request =
            SignableRequest::new("POST", url, own.into_iter(), SignableBody::Bytes(body.as_bytes()))
                .map_err(|error| error.to_string())?;
        let (instructions, _) = sign(request, &params).map_err(|error| error.to_string())?.into_parts();
        let (added, _) = instructions.into_parts();
        let added = added.into_iter().map(|header| (header.name().to_owned(), header.value().to_owned()));
        Ok(added.chain(own.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect())
    }
}

impl LookUpCalls for CloudTrail {
    async fn calls(
        &self,
        name: &str,
        since: Timestamp,
        page: Option<&str>,
    ) -> Result<Page<Value>, PortError> {
        let mut request = Map::from_iter([
            ("LookupAttributes".to_owned(), json!([{"AttributeKey": "EventName", "AttributeValue": name}])),
            ("StartTime".to_owned(), json!(since.as_second())),
            ("MaxResults".to_owned(), json!(ON_A_PAGE)),
        ]);
        request.extend(page.map(|token| ("NextToken".to_owned(), json!(token))));
        let answer = self.look_up(&Value::Object(request)).await?;
        let Some(events) = answer.get("Events").and_then(Value::as_array) else {
            return Err(failed("the answer holds no list of events"));
        };
        // Each event holds its record as a text.
        let record = |event: &Value| serde_json::from_str(event.get("CloudTrailEvent")?.as_str()?).ok();
        let next = answer.get("NextToken").and_then(Value::as_str).filter(|token| Some(*token) != page);
        Ok(Page {
            items: events.iter().filter_map(record).collect(),
            next: next.filter(|token| !token.is_empty()).map(str::to_owned),
        })
    }
}

fn answered(response: &HttpResponse) -> Result<Value, Refused> {
    let status = response.status().as_u16();
    let body: Option<Value> = response.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
    let text = |name: &str| body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
    if status == 200 {
        let unreadable =
            || ErrorMetadata::builder().code("unreadable").message("the answer is no JSON").build();
        return body.ok_or_else(|| Refused(unreadable()));
    }
    let code = text("__type").and_then(|code| code.rsplit('#').next());
    let code = code.map_or_else(|| format!("HTTP {status}"), str::to_owned);
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    Err(Refused(ErrorMetadata::builder().code(code).message(message).build()))
}

fn failed(why: &str) -> PortError {
    PortError { operation: LOOKUP_EVENTS, kind: PortErrorKind::Failed, message: Masked(why).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::{StandIn, json_error, run};

    fn since() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn calls(stand_in: &StandIn, page: Option<&str>) -> Result<Page<Value>, PortError> {
        run(CloudTrail::new(&stand_in.sdk(), "aws", None).calls("PutUserPolicy", since(), page))
    }

    #[test]
    fn a_call_is_looked_up_by_its_name_page_by_page() {
        let answer = json!({
            "Events": [
                {"EventName": "PutUserPolicy", "CloudTrailEvent": "{\"eventName\": \"PutUserPolicy\"}"},
                {"EventName": "PutUserPolicy", "CloudTrailEvent": "{cut off"},
                {"EventName": "PutUserPolicy"},
            ],
            "NextToken": "more",
        })
        .to_string();
        let stand_in = StandIn::new(move |_, _| (200, answer.clone()));
        let page = calls(&stand_in, None).unwrap();
        assert_eq!(
            (page.items, page.next.as_deref()),
            (vec![json!({"eventName": "PutUserPolicy"})], Some("more"))
        );
        // One that goes round in circles ends.
        assert_eq!(calls(&stand_in, Some("more")).unwrap().next, None);
        let asked = stand_in.asked();
        assert_eq!(asked[0].action, "LookupEvents");
        assert_eq!(
            asked[0].body,
            json!({
                "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "PutUserPolicy"}],
                "StartTime": 1_795_338_000, "MaxResults": 50,
            })
        );
        assert_eq!(asked[1].body["NextToken"], "more");
    }

    #[test]
    fn what_cloudtrail_refuses_is_told_apart_from_what_passes() {
        for (code, kind) in [
            ("ThrottlingException", PortErrorKind::Throttled),
            ("AccessDeniedException", PortErrorKind::Denied),
            ("com.amazonaws#InvalidTimeRangeException", PortErrorKind::Failed),
        ] {
            let stand_in = StandIn::new(move |_, _| json_error(code, &json!({"message": "no"})));
            assert_eq!(calls(&stand_in, None).unwrap_err().kind, kind, "{code}");
        }
        for senseless in ["", "[]", "{\"Events\": 7}", "<html>"] {
            let stand_in = StandIn::new(move |_, _| (200, senseless.to_owned()));
            assert!(calls(&stand_in, None).is_err(), "{senseless}");
        }
    }

    #[test]
    fn each_partition_has_its_own_home_of_iam_and_an_unknown_one_is_not_guessed_at() {
        assert_eq!(home_of_iam("aws-cn"), Some(("cn-north-1", "amazonaws.com.cn")));
        assert_eq!(home_of_iam("aws-us-gov"), Some(("us-gov-west-1", "amazonaws.com")));
        let stand_in = StandIn::new(|_, _| (200, "{}".to_owned()));
        let trail = CloudTrail::new(&stand_in.sdk(), "aws-iso", None);
        let error = run(trail.calls("PutUserPolicy", since(), None)).unwrap_err();
        assert!(error.message.contains("aws-iso") && stand_in.asked().is_empty(), "{error}");
    }
}
