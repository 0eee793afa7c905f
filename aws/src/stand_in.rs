//! A stand-in for AWS in unit tests: a server on the loopback device that answers as the test says, so that what
//! is tested is the SDK's own reading and writing of the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::config::{Credentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::environment::Environment;

pub(crate) const ACCOUNT: &str = "111122223333";

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The operation.
    pub(crate) action: String,
    /// Its form fields or JSON.
    pub(crate) body: Value,
}

/// What is answered: status and body.
pub(crate) type Answer = (u16, String);

pub(crate) struct StandIn {
    endpoint: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// Answers each request as `answer` says; the number counts requests of the same action from 0.
    pub(crate) fn new(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(&stream.unwrap(), &seen, &*answer));
            }
        });
        Self { endpoint, asked }
    }

    /// A configuration whose every endpoint is this, without second tries.
    pub(crate) fn sdk(&self) -> SdkConfig {
        let endpoint = self.endpoint.clone();
        let environment = Environment::new(move |name| match name {
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ENDPOINT_URL" => Some(endpoint.clone()),
            _ => None,
        });
        let credentials = Credentials::new("AKIDTEST", "secret", None, None, "test");
        crate::sdk::of_environment(&environment)
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .build()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn actions(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.action).collect()
    }
}

fn serve(stream: &TcpStream, seen: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked, usize) -> Answer) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let (mut target, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => target = value.trim().rsplit('.').next().map(str::to_owned),
            "content-length" => length = value.trim().parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let asked = if let Some(action) = target {
        Asked { action, body: serde_json::from_str(&body).unwrap() }
    } else if body.starts_with('{') {
        // Of a REST API the path is the operation.
        let action = path.trim_start_matches('/').to_owned();
        Asked { action, body: serde_json::from_str(&body).unwrap() }
    } else {
        let fields = form(&body);
        Asked { action: fields["Action"].as_str().unwrap().to_owned(), body: fields }
    };
    let count = {
        let mut seen = seen.lock().unwrap();
        seen.push(asked.clone());
        seen.iter().filter(|earlier| earlier.action == asked.action).count() - 1
    };
    let (status, text) = answer(&asked, count);
    let length = text.len();
    write!(&*stream, "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}")
        .unwrap();
}

fn form(body: &str) -> Value {
    let fields = body.split('&').filter_map(|field| field.split_once('='));
    fields
        .map(|(name, value)| {
            let value = value.replace('+', " ");
            (name.to_owned(), Value::from(percent_decode_str(&value).decode_utf8().unwrap()))
        })
        .collect()
}

/// An answer of a query API.
pub(crate) fn xml(action: &str, result: &str) -> Answer {
    let text = format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
    (200, text)
}

/// An error of a query API.
pub(crate) fn xml_error(status: u16, code: &str, message: &str) -> Answer {
    let text = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         </ErrorResponse>"
    );
    (status, text)
}

/// An error of a JSON API.
pub(crate) fn json_error(code: &str, more: &Value) -> Answer {
    let mut body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "no"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    (400, body.to_string())
}

/// Runs a future as functions do.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
