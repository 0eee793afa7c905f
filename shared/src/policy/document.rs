use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What RFC 3986 calls unreserved stays as it is; IAM encodes everything else.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The exact text of a policy, byte for byte what IAM holds, whether or not it is a policy that parses.
///
/// Undo puts this text back, so nothing here reformats, sorts or trims it. A document that arrives as a JSON
/// object has lost its spacing on the way; it is written compactly, in its own key order.
///
/// Policies are never logged: `Debug` shows the length alone.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(String);

impl PolicyDocument {
    /// Takes a text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Decodes RFC 3986 percent encoding, in which `+` is a plus sign and never a space.
    pub fn from_percent_encoded(encoded: &str) -> Result<Self, DocumentError> {
        if let Some(at) = broken_escape(encoded) {
            return Err(DocumentError::BrokenEscape { at });
        }
        match percent_decode_str(encoded).decode_utf8() {
            Ok(text) => Ok(Self::new(text)),
            Err(_) => Err(DocumentError::NotUtf8),
        }
    }

    /// Reads a document in any form in which AWS and its tools send one: percent-encoded text, plain JSON text,
    /// a JSON object, or an array of exactly one of these.
    ///
    /// Text whose first visible character is `{` or `[` is plain and stays untouched, because a plain policy may
    /// well hold a `%20` of its own, in the name of an S3 object for instance.
    pub fn from_wire(value: &Value) -> Result<Self, DocumentError> {
        match value {
            Value::Array(items) => match items.as_slice() {
                [Value::Array(_)] => Err(DocumentError::NotADocument { found: "an array in an array" }),
                [only] => Self::from_wire(only),
                [] => Err(DocumentError::Empty),
                several => Err(DocumentError::Several { count: several.len() }),
            },
            Value::Object(_) => Ok(Self::new(value.to_string())),
            Value::String(text) => Self::from_text(text),
            Value::Number(_) => Err(DocumentError::NotADocument { found: "a number" }),
            Value::Bool(_) => Err(DocumentError::NotADocument { found: "a boolean" }),
            Value::Null => Err(DocumentError::NotADocument { found: "null" }),
        }
    }

    /// Reads a text that is plain or percent-encoded.
    pub fn from_text(text: &str) -> Result<Self, DocumentError> {
        match text.trim_start_matches('\u{feff}').trim() {
            "" => Err(DocumentError::Empty),
            plain if plain.starts_with(['{', '[']) => Ok(Self::new(text)),
            _ => Self::from_percent_encoded(text),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text in RFC 3986 percent encoding, as IAM's API and Config's items give it.
    pub fn to_percent_encoded(&self) -> String {
        utf8_percent_encode(&self.0, RESERVED).to_string()
    }

    /// Whether two documents are the same JSON value, whatever their spacing and the order of their keys.
    ///
    /// The order of array elements counts: it means nothing to IAM in most places, but saying "different" costs a
    /// second look while saying "same" wrongly costs a policy. A text that is not JSON is the same only as itself.
    pub fn same_meaning(&self, other: &Self) -> bool {
        if self.0 == other.0 {
            return true;
        }
        match (serde_json::from_str::<Value>(&self.0), serde_json::from_str::<Value>(&other.0)) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            _ => false,
        }
    }
}

impl fmt::Debug for PolicyDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyDocument({} bytes)", self.0.len())
    }
}

/// A value that holds no policy document. The value itself is not shown: it may be most of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Nothing but white space, or an array without elements.
    #[error("policy document is empty")]
    Empty,
    /// Neither text nor an object.
    #[error("policy document is {found}; expected text, an object or an array of one of these")]
    NotADocument {
        /// The JSON type, with its article.
        found: &'static str,
    },
    /// Which one is meant is not ours to guess.
    #[error("policy document is an array of {count} documents; expected one")]
    Several {
        /// How many there are.
        count: usize,
    },
    /// A `%` that two hexadecimal digits do not follow.
    #[error("policy document is not percent-encoded: the escape at byte {at} lacks two hexadecimal digits")]
    BrokenEscape {
        /// Where the `%` is.
        at: usize,
    },
    /// The decoded bytes are not text.
    #[error("policy document is not UTF-8 once percent-decoded")]
    NotUtf8,
}

/// Where the first `%` without its two hexadecimal digits is.
fn broken_escape(encoded: &str) -> Option<usize> {
    let bytes = encoded.as_bytes();
    encoded.match_indices('%').map(|(at, _)| at).find(|at| {
        let digit = |offset| bytes.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        !(digit(1) && digit(2))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const PLAIN: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;

    fn wire(value: &Value) -> String {
        PolicyDocument::from_wire(value).unwrap().as_str().to_owned()
    }

    #[test]
    fn percent_encoded_text_is_decoded() {
        let encoded = "%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%5B%5D%7D";
        assert_eq!(wire(&json!(encoded)), PLAIN);
    }

    #[test]
    fn lower_case_escapes_are_decoded() {
        assert_eq!(wire(&json!("%7b%0a%7d")), "{\n}");
    }

    #[test]
    fn a_plus_sign_stays_a_plus_sign() {
        assert_eq!(wire(&json!("%7B%22Sid%22:%22a+b%2Bc%20d%22%7D")), r#"{"Sid":"a+b+c d"}"#);
        assert_eq!(PolicyDocument::new("a+b c").to_percent_encoded(), "a%2Bb%20c");
    }

    #[test]
    fn plain_text_stays_byte_for_byte() {
        for plain in [PLAIN, " \n\t{ }\r\n", "[ ]", "{broken"] {
            assert_eq!(wire(&json!(plain)), plain);
        }
    }

    #[test]
    fn a_percent_sign_inside_plain_text_is_not_an_escape() {
        let plain = r#"{"Resource":"arn:aws:s3:::reports/Q3%20final/100%"}"#;
        assert_eq!(wire(&json!(plain)), plain);
    }

    #[test]
    fn an_object_is_written_compactly_in_its_own_key_order() {
        let object: Value =
            serde_json::from_str(r#"{ "Version": "2012-10-17", "Id": "z", "A": 1 }"#).unwrap();
        assert_eq!(wire(&object), r#"{"Version":"2012-10-17","Id":"z","A":1}"#);
    }

    #[test]
    fn an_array_of_one_is_that_one() {
        assert_eq!(wire(&json!([PLAIN])), PLAIN);
        assert_eq!(wire(&json!(["%7B%7D"])), "{}");
        assert_eq!(wire(&json!([{"Id": "x"}])), r#"{"Id":"x"}"#);
    }

    #[test]
    fn what_holds_no_document_is_refused() {
        let cases = [
            (json!(""), DocumentError::Empty),
            (json!(" \n"), DocumentError::Empty),
            (json!([]), DocumentError::Empty),
            (json!([PLAIN, PLAIN]), DocumentError::Several { count: 2 }),
            (json!([[PLAIN]]), DocumentError::NotADocument { found: "an array in an array" }),
            (json!(null), DocumentError::NotADocument { found: "null" }),
            (json!(7), DocumentError::NotADocument { found: "a number" }),
            (json!(true), DocumentError::NotADocument { found: "a boolean" }),
            (json!("%7B%2"), DocumentError::BrokenEscape { at: 3 }),
            (json!("%7B%é%7D"), DocumentError::BrokenEscape { at: 3 }),
            (json!("%FF%FE"), DocumentError::NotUtf8),
        ];
        for (value, expected) in cases {
            assert_eq!(PolicyDocument::from_wire(&value), Err(expected), "{value}");
        }
    }

    #[test]
    fn same_meaning_ignores_spacing_and_key_order_only() {
        let document = PolicyDocument::new(r#"{"Effect":"Deny","Action":["a","b"]}"#);
        assert!(
            document
                .same_meaning(&PolicyDocument::new("{\"Action\": [\"a\", \"b\"],\n\"Effect\": \"Deny\"}"))
        );
        assert!(!document.same_meaning(&PolicyDocument::new(r#"{"Effect":"Deny","Action":["b","a"]}"#)));
        assert!(!document.same_meaning(&PolicyDocument::new(r#"{"Effect":"Deny","Action":"a"}"#)));
    }

    #[test]
    fn a_text_that_is_not_json_means_only_itself() {
        let broken = PolicyDocument::new("{broken");
        assert!(broken.same_meaning(&broken.clone()));
        assert!(!broken.same_meaning(&PolicyDocument::new("{broken ")));
    }

    #[test]
    fn debug_never_shows_the_policy() {
        assert_eq!(format!("{:?}", PolicyDocument::new(PLAIN)), "PolicyDocument(42 bytes)");
        let error = PolicyDocument::from_wire(&json!("secret%2")).unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn serde_writes_and_reads_the_plain_text() {
        let document = PolicyDocument::new("{ \"a\": \"%20+\" }");
        let json = serde_json::to_value(&document).unwrap();
        assert_eq!(json, json!("{ \"a\": \"%20+\" }"));
        assert_eq!(serde_json::from_value::<PolicyDocument>(json).unwrap(), document);
    }

    proptest! {
        #[test]
        fn encoding_and_decoding_gives_back_every_byte(text in any::<String>()) {
            let document = PolicyDocument::new(text);
            let encoded = document.to_percent_encoded();
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            prop_assert_eq!(PolicyDocument::from_percent_encoded(&encoded), Ok(document));
        }
    }
}
