//! What CloudTrail recorded of calls to IAM: one operation, which is not worth a client of its own.

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::ErrorMetadata;
use aws_sigv4::http_request::SigningSettings;
use aws_types::SdkConfig;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::engine::{LookUpCalls, Page, PortError};

use crate::signed_call::{Refused, SignedCall, failed};

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
            return Err(failed(LOOKUP_EVENTS, &why));
        };
        let host = || format!("https://cloudtrail.{region}.{suffix}");
        let endpoint = self.endpoint.clone().unwrap_or_else(host).trim_end_matches('/').to_owned();
        let call = SignedCall {
            action: LOOKUP_EVENTS,
            operation: ("CloudTrail", "LookupEvents"),
            scope: ("cloudtrail", region),
            settings: SigningSettings::default(),
            endpoint,
            method: "POST",
            path: "/".to_owned(),
            headers: [("content-type", JSON), ("x-amz-target", TARGET)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: request.to_string(),
        };
        call.invoke(&self.sdk, answered).await
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
            return Err(failed(LOOKUP_EVENTS, "the answer holds no list of events"));
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

#[cfg(test)]
mod tests {
    use shared::engine::PortErrorKind;

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
