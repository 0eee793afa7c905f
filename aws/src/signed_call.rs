//! One operation of a service that is not worth a client of its own. The request goes the SDK's own way, with its
//! connections, timeouts and retries.

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
use shared::engine::{PortError, PortErrorKind};
use shared::masked::Masked;

use crate::failure::Failure;

/// What is asked of whom.
pub(crate) struct SignedCall<'a> {
    /// The IAM action that permits it.
    pub(crate) action: &'static str,
    /// The service and the operation, as the SDK would name them.
    pub(crate) operation: (&'static str, &'static str),
    /// The service's name in signatures, and the Region.
    pub(crate) scope: (&'static str, &'a str),
    /// How the service has its requests signed.
    pub(crate) settings: SigningSettings,
    /// Without a slash at its end.
    pub(crate) endpoint: String,
    pub(crate) method: &'static str,
    /// From its slash on, encoded.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What the service refused.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) ErrorMetadata);

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

impl SignedCall<'_> {
    /// Makes the call, and reads its answer.
    pub(crate) async fn invoke<T: fmt::Debug + Send + Sync + 'static>(
        self,
        sdk: &SdkConfig,
        read: fn(&HttpResponse) -> Result<T, Refused>,
    ) -> Result<T, PortError> {
        let action = self.action;
        let failed = |why: &str| failed(action, why);
        let headers = self.signed(sdk).await.map_err(|why| failed(&why))?;
        let missing = || failed("the SDK has no client or no timeouts");
        let Self { operation: (service, name), endpoint, method, path, body, .. } = self;
        let operation = Operation::builder()
            .service_name(service)
            .operation_name(name)
            .http_client(sdk.http_client().ok_or_else(missing)?)
            .endpoint_url(&endpoint)
            .no_auth()
            .standard_retry(sdk.retry_config().ok_or_else(missing)?)
            .retry_classifier(SharedRetryClassifier::new(HttpStatusCodeClassifier::default()))
            .retry_classifier(SharedRetryClassifier::new(TransientErrorClassifier::<Refused>::new()))
            .timeout_config(sdk.timeout_config().ok_or_else(missing)?.clone())
            .serializer(move |(): ()| {
                let body = if body.is_empty() { SdkBody::empty() } else { SdkBody::from(body.clone()) };
                let mut request = HttpRequest::new(body);
                request.set_method(method)?;
                request.set_uri(path.as_str())?;
                for (name, value) in &headers {
                    request.headers_mut().try_insert(name.clone(), value.clone())?;
                }
                Ok(request)
            })
            .deserializer(move |response: &HttpResponse| read(response).map_err(OrchestratorError::operation))
            .build();
        operation.invoke(()).await.map_err(|error| Failure::of(&error).port(action))
    }

    /// The headers that the request must have.
    async fn signed(&self, sdk: &SdkConfig) -> Result<Vec<(String, String)>, String> {
        let provider = sdk.credentials_provider().ok_or("the function has no credentials")?;
        let credentials = provider.provide_credentials().await.map_err(|error| error.to_string())?;
        let identity = credentials.into();
        let (service, region) = self.scope;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::now())
            .settings(self.settings.clone())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let url = format!("{}{}", self.endpoint, self.path);
        let body = SignableBody::Bytes(self.body.as_bytes());
        let request = SignableRequest::new(self.method, url, own, body).map_err(|error| error.to_string())?;
        let (instructions, _) = sign(request, &params).map_err(|error| error.to_string())?.into_parts();
        let (added, _) = instructions.into_parts();
        let added = added.into_iter().map(|header| (header.name().to_owned(), header.value().to_owned()));
        Ok(added.chain(self.headers.iter().cloned()).collect())
    }
}

/// That nothing came of the call, for a reason of our own.
pub(crate) fn failed(action: &'static str, why: &str) -> PortError {
    PortError { operation: action, kind: PortErrorKind::Failed, message: Masked(why).to_string() }
}
