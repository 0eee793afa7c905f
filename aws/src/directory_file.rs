//! The list of people in S3: one `GetObject`, and so little of S3 that its client, a third as large as all others
//! together, is not worth its weight.

use std::fmt;

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::ErrorMetadata;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SigningSettings, UriPathNormalizationMode,
};
use aws_types::SdkConfig;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::engine::{FetchError, FetchedFile, PortError, PortErrorKind, ReadDirectoryFile};

use crate::signed_call::{Refused, SignedCall, failed};

const GET_OBJECT: &str = "s3:GetObject";

/// The most that is read of a list: some 300,000 people.
const MOST: u64 = 32 * 1024 * 1024;

/// What stands in a path as it is (Signature Version 4, `UriEncode`).
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Where the list is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// S3's host in the function's Region.
    pub host: String,
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// The list.
pub struct DirectoryFile {
    sdk: SdkConfig,
    place: Option<Place>,
    most: u64,
}

/// What S3 answered.
#[derive(Debug)]
struct Got {
    status: u16,
    range: Option<String>,
    version: Option<String>,
    etag: Option<String>,
    bytes: Vec<u8>,
}

impl DirectoryFile {
    /// The list at that place, if there is one.
    pub fn new(sdk: &SdkConfig, place: Option<Place>) -> Self {
        Self { sdk: sdk.clone(), place, most: MOST }
    }

    async fn get(&self, place: &Place) -> Result<Got, PortError> {
        let endpoint =
            self.sdk.endpoint_url().map_or_else(|| format!("https://{}", place.host), str::to_owned);
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let path = format!("/{}/{}", place.bucket, place.key);
        let path = utf8_percent_encode(&path, IN_PATH).to_string();
        let region = self.sdk.region().ok_or_else(|| failed(GET_OBJECT, "the function has no Region"))?;
        // As S3 has it (Amazon S3 user guide, "Authenticating Requests: Using the Authorization Header").
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let call = SignedCall {
            action: GET_OBJECT,
            operation: ("S3", "GetObject"),
            scope: ("s3", region.as_ref()),
            settings,
            endpoint,
            method: "GET",
            path,
            // No more than is read is sent, however large the object is.
            headers: vec![("range".to_owned(), format!("bytes=0-{}", self.most.saturating_sub(1)))],
            body: String::new(),
        };
        call.invoke(&self.sdk, got).await
    }
}

/// What S3 answers about an object that is not there to whoever may not list the bucket, as the function may not (Amazon S3
/// API reference, `GetObject`, "Permissions").
const MAYBE_MISSING: &str =
    "; S3 says so of a list that is not there, too: see first whether it was exported";

impl ReadDirectoryFile for DirectoryFile {
    async fn directory_file(&self) -> Result<FetchedFile, FetchError> {
        let Some(place) = &self.place else { return Err(FetchError::NotNamed) };
        let got = self.get(place).await.map_err(|mut error| {
            if error.kind == PortErrorKind::Denied {
                error.message.push_str(MAYBE_MISSING);
            }
            error
        })?;
        let source_name = place.to_string();
        match got.status {
            404 => return Err(FetchError::Missing { source_name }),
            // There is no first byte of nothing.
            416 => return Ok(FetchedFile { bytes: Vec::new(), source: source_name }),
            _ => {}
        }
        let whole = got.range.as_deref().and_then(|range| range.rsplit('/').next()?.parse().ok());
        let bytes = whole.unwrap_or(u64::try_from(got.bytes.len()).unwrap_or(u64::MAX));
        if bytes > self.most {
            return Err(FetchError::TooLarge { source_name, bytes, most: self.most });
        }
        let version = got.version.filter(|version| version != "null");
        let source = match (version, got.etag) {
            (Some(version), _) => format!("{source_name} version {version}"),
            (None, Some(etag)) => format!("{source_name} ETag {}", etag.trim_matches('"')),
            (None, None) => source_name,
        };
        Ok(FetchedFile { bytes: got.bytes, source })
    }
}

fn got(response: &HttpResponse) -> Result<Got, Refused> {
    let header = |name: &str| response.headers().get(name).map(str::to_owned);
    let bytes = response.body().bytes().unwrap_or_default().to_vec();
    let status = response.status().as_u16();
    match status {
        200 | 206 | 416 => {}
        404 if element(&bytes, "Code").as_deref() == Some("NoSuchKey") => {}
        _ => {
            let code = element(&bytes, "Code").unwrap_or_else(|| format!("HTTP {status}"));
            let message = element(&bytes, "Message").unwrap_or_default();
            return Err(Refused(ErrorMetadata::builder().code(code).message(message).build()));
        }
    }
    Ok(Got {
        status,
        range: header("content-range"),
        version: header("x-amz-version-id"),
        etag: header("etag"),
        bytes,
    })
}

/// The text of an element of S3's error, which is flat.
fn element(xml: &[u8], name: &str) -> Option<String> {
    let text = str::from_utf8(xml).ok()?;
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once('<')?.0.to_owned())
}

#[cfg(test)]
mod tests;
