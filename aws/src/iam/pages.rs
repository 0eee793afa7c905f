use std::error::Error;

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use shared::facts::{Read, Unread};

use super::senseless;
use crate::failure::Failure;

/// A page of one of IAM's listings.
pub(super) struct IamPage<T> {
    pub(super) items: Vec<T>,
    pub(super) is_truncated: bool,
    pub(super) marker: Option<String>,
}

impl<T> IamPage<T> {
    /// Where the next page begins. IAM may cut any page short, an empty one too: only `IsTruncated` tells.
    pub(super) fn next(
        is_truncated: bool,
        marker: Option<String>,
        read: Read,
    ) -> Result<Option<String>, Unread> {
        match marker.filter(|marker| !marker.is_empty()) {
            _ if !is_truncated => Ok(None),
            Some(marker) => Ok(Some(marker)),
            None => Err(senseless(read, "the answer is cut short and does not say where it goes on")),
        }
    }
}

/// Every item that a paged request lists; the closure takes a page's items out of its answer. The SDK has a type of its
/// own for each request and each answer, so that no function can say this.
macro_rules! listed {
    ($read:expr, $request:expr, |$answer:ident| $items:expr) => {
        $crate::iam::pages::all($read, async |marker| {
            let $answer = $request.set_marker(marker).send().await?;
            let (is_truncated, marker) = ($answer.is_truncated, $answer.marker);
            Ok::<_, aws_sdk_iam::error::SdkError<_, aws_sdk_iam::config::http::HttpResponse>>(
                $crate::iam::pages::IamPage { items: $items, is_truncated, marker },
            )
        })
    };
}
pub(super) use listed;

/// Every item of a listing, or none: part of a list is worth nothing.
pub(super) async fn all<T, E>(
    read: Read,
    fetch: impl AsyncFn(Option<String>) -> Result<IamPage<T>, SdkError<E, HttpResponse>>,
) -> Result<Vec<T>, Unread>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let mut items = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let page = fetch(marker.clone()).await.map_err(|error| Failure::of(&error).unread(read))?;
        items.extend(page.items);
        match IamPage::<T>::next(page.is_truncated, page.marker, read)? {
            None => return Ok(items),
            same if same == marker => return Err(senseless(read, "the listing goes round in circles")),
            next => marker = next,
        }
    }
}
