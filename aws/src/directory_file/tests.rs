use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use shared::engine::PortErrorKind;

use super::*;
use crate::stand_in::{StandIn, run};

/// What S3 answers: status, headers, body.
type Answer = (u16, &'static str, String);

/// S3, answering each request in turn, and the heads of the requests it got.
fn s3(answers: Vec<Answer>) -> (SdkConfig, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    thread::spawn(move || {
        for (status, headers, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            seen.lock().unwrap().push(head.join("\n"));
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    let other = StandIn::new(|_, _| (500, String::new())).sdk();
    (other.into_builder().endpoint_url(endpoint).build(), asked)
}

fn place() -> Place {
    let text = str::to_owned;
    Place {
        host: text("s3.us-east-1.amazonaws.com"),
        bucket: text("people"),
        key: text("hr/list of all+1.csv"),
    }
}

fn fetch(answers: Vec<Answer>) -> (Result<FetchedFile, FetchError>, Vec<String>) {
    let (sdk, asked) = s3(answers);
    let list = DirectoryFile { sdk, place: Some(place()), most: 10 };
    let fetched = run(list.directory_file());
    let asked = asked.lock().unwrap().clone();
    (fetched, asked)
}

fn error(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>")
}

#[test]
fn the_list_is_asked_for_signed_and_no_more_of_it_than_is_read() {
    let headers = "x-amz-version-id: v7\r\netag: \"abc\"\r\ncontent-range: bytes 0-4/5\r\n";
    let (fetched, asked) = fetch(vec![(206, headers, "12345".to_owned())]);
    let source = "s3://people/hr/list of all+1.csv version v7".to_owned();
    assert_eq!(fetched, Ok(FetchedFile { bytes: b"12345".to_vec(), source }));
    let head = asked[0].to_ascii_lowercase();
    assert!(head.starts_with("get /people/hr/list%20of%20all%2b1.csv http/1.1"), "{head}");
    assert!(head.contains("range: bytes=0-9"), "{head}");
    assert!(
        head.contains("/us-east-1/s3/aws4_request, signedheaders=host;range;x-amz-content-sha256;x-amz-date"),
        "{head}"
    );
}

#[test]
fn without_versions_the_list_is_known_by_its_tag() {
    let (fetched, _) = fetch(vec![(200, "x-amz-version-id: null\r\netag: \"abc\"\r\n", "1".to_owned())]);
    assert!(fetched.unwrap().source.ends_with("ETag abc"));
}

#[test]
fn a_list_larger_than_is_read_is_refused_with_its_size() {
    let (fetched, _) = fetch(vec![(206, "content-range: bytes 0-9/11\r\n", "0123456789".to_owned())]);
    assert!(matches!(fetched, Err(FetchError::TooLarge { bytes: 11, most: 10, .. })), "{fetched:?}");
    // One who does not know ranges sends all.
    let (fetched, _) = fetch(vec![(200, "", "01234567890".to_owned())]);
    assert!(matches!(fetched, Err(FetchError::TooLarge { bytes: 11, .. })), "{fetched:?}");
}

#[test]
fn an_empty_list_is_empty_and_a_missing_one_is_missing() {
    let (fetched, _) = fetch(vec![(416, "", error("InvalidRange"))]);
    assert_eq!(fetched.unwrap().bytes, b"");
    let (fetched, _) = fetch(vec![(404, "", error("NoSuchKey"))]);
    assert!(matches!(fetched, Err(FetchError::Missing { .. })), "{fetched:?}");
    let none = DirectoryFile::new(&s3(Vec::new()).0, None);
    assert_eq!(run(none.directory_file()), Err(FetchError::NotNamed));
}

#[test]
fn what_s3_refuses_is_told_apart_from_what_passes() {
    let kind = |status, code: &str| match fetch(vec![(status, "", error(code))]).0 {
        Err(FetchError::Port(error)) => error.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(403, "AccessDenied"), PortErrorKind::Denied);
    assert_eq!(kind(404, "NoSuchBucket"), PortErrorKind::Failed);
    let (denied, _) = fetch(vec![(403, "", error("AccessDenied"))]);
    let said = denied.unwrap_err().to_string();
    assert!(said.contains("see first whether it was exported"), "{said}");
    assert_eq!(kind(503, "SlowDown"), PortErrorKind::Throttled);
}

#[test]
fn trouble_that_passes_is_waited_out() {
    let (sdk, asked) = s3(vec![(503, "", error("SlowDown")), (200, "etag: \"a\"\r\n", "1".to_owned())]);
    let retries = aws_sdk_iam::config::retry::RetryConfig::standard().with_max_attempts(2);
    let list = DirectoryFile {
        sdk: sdk.into_builder().retry_config(retries).build(),
        place: Some(place()),
        most: 10,
    };
    assert_eq!(run(list.directory_file()).unwrap().bytes, b"1");
    assert_eq!(asked.lock().unwrap().len(), 2);
}
