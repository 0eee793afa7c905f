use aws_types::SdkConfig;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::engine::{Answer, Approving, EngineError};
use shared::governance::Governance;
use shared::remedy::Approver;
use tracing::warn;

use super::{Failed, Handle};
use crate::environment::{Environment, EnvironmentError};
use crate::ports::ApprovalPorts;

/// Takes the answers of people to plans that wait for their approval, over the function's URL: AWS itself checks the
/// signature there and says who signed.
pub struct ApprovePlan {
    ports: ApprovalPorts,
    governance: Governance,
}

/// A request to a function's URL that is signed with AWS's signature, as far as it is needed (Lambda developer guide,
/// "Request payload format", version 2.0).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedRequest {
    request_context: RequestContext,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct RequestContext {
    authorizer: Authorizer,
}

#[derive(Deserialize)]
struct Authorizer {
    iam: Caller,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    user_arn: String,
    #[serde(default)]
    user_id: Option<String>,
}

impl ApprovePlan {
    /// As the environment says.
    pub fn new(sdk: &SdkConfig, environment: &Environment) -> Result<Self, EnvironmentError> {
        Ok(Self { ports: ApprovalPorts::new(sdk, environment)?, governance: environment.governance()? })
    }

    async fn answer(&self, request: SignedRequest) -> Result<Value, EngineError> {
        let permanent = |why: String| EngineError::Permanent(why);
        let Caller { user_arn, user_id } = &request.request_context.authorizer.iam;
        let by = Approver::of(user_arn).map_err(|error| permanent(error.to_string()))?;
        let by = by.with_id(user_id.as_deref().unwrap_or_default());
        if request.is_base64_encoded {
            return Err(permanent("send the answer as `content-type: application/json`".to_owned()));
        }
        let body = request.body.unwrap_or_default();
        let answer: Answer = serde_json::from_str(&body)
            .map_err(|error| permanent(format!("the answer cannot be taken: {error}")))?;
        let Self { ports, governance } = self;
        let answered = Approving { ports, governance }.answer(by, answer).await?;
        serde_json::to_value(answered).map_err(|error| permanent(error.to_string()))
    }
}

impl Handle for ApprovePlan {
    /// A caller sees what it says for itself: of a failed invocation the URL tells nothing.
    async fn handle(&self, payload: Value, _: jiff::Timestamp) -> Result<Value, Failed> {
        let request: SignedRequest = serde_json::from_value(payload).map_err(|_| {
            let why = "it is asked by its URL, signed with AWS's signature: only there does AWS say who asks";
            Failed::Permanent(why.to_owned())
        })?;
        let (status, said) = match self.answer(request).await {
            Ok(answered) => (200, answered),
            Err(error) => {
                warn!(decision = "not-answered", why = %error);
                let status = if matches!(error, EngineError::Retry(_)) { 503 } else { 400 };
                (status, json!({"error": error.to_string()}))
            }
        };
        Ok(json!({
            "statusCode": status,
            "headers": {"content-type": "application/json"},
            "body": said.to_string(),
        }))
    }
}
