//! Giving the order: by the AWS CLI that is installed, with the credentials and Region that it finds.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, Value};
use shared::masked::Masked;

use super::act::Act;
use crate::error::CliError;

/// Of AWS: whoever has the credentials runs it.
const AWS: &str = "aws";
/// Longer than the function may run (`Timeout` in `template.yaml`), in seconds: the AWS CLI would else give the order again.
const READ_TIMEOUT: &str = "150";

/// What the function answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Given {
    /// Whether whom it is about is contained, as far as the function says.
    pub(super) contained: bool,
    /// All of it.
    pub(super) answer: Value,
}

/// What the AWS CLI says of an invocation, after the answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invocation {
    function_error: Option<String>,
}

/// Has the function carry the order out, and waits for its answer.
pub(super) fn give(act: &Act) -> Result<Given, CliError> {
    let payload = serde_json::to_string(&act.order)?;
    let not_given = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => CliError::NoAwsCli,
        _ => CliError::NotGiven(error.to_string()),
    };
    // Bytes from a file are the same to every version of the AWS CLI; others want a text in Base64, or must not have it so.
    let mut aws = Command::new(AWS)
        .args(["lambda", "invoke", "--function-name", &act.function])
        .args(["--cli-read-timeout", READ_TIMEOUT, "--output", "json"])
        .args(["--payload", "fileb:///dev/stdin", "/dev/stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_given)?;
    // One that ends without reading says why by itself.
    let sent = aws.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(payload.as_bytes()));
    let output = aws.wait_with_output().map_err(not_given)?;
    if output.status.success() {
        sent.map_err(not_given)?;
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(CliError::NotGiven(Masked(said.trim()).to_string()));
    }
    read(&output.stdout)
}

/// The answer, and what the AWS CLI says of it.
fn read(output: &[u8]) -> Result<Given, CliError> {
    let unclear = |why: String| CliError::NoAnswer(why);
    let mut values = Deserializer::from_slice(output).into_iter::<Value>();
    let mut next = || match values.next() {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(unclear(error.to_string())),
        None => Err(unclear("the AWS CLI printed too little".to_owned())),
    };
    let (answer, invocation) = (next()?, next()?);
    let invocation: Invocation =
        serde_json::from_value(invocation).map_err(|error| unclear(error.to_string()))?;
    if invocation.function_error.is_some() {
        let said = answer.get("errorMessage").and_then(Value::as_str).unwrap_or("the function failed");
        return Err(CliError::OrderFailed(Masked(said).to_string()));
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let contained = match text("status") {
        "verified" => true,
        // By others before, which is written down.
        "nothing-to-do" => text("why").starts_with("contained already"),
        _ => false,
    };
    Ok(Given { contained, answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = r#"{"StatusCode": 200, "ExecutedVersion": "$LATEST"}"#;

    fn contained(answer: &str) -> bool {
        read(format!("{answer}{DONE}\n").as_bytes()).unwrap().contained
    }

    #[test]
    fn contained_is_who_was_suspended_or_was_denied_everything_before() {
        assert!(contained(r#"{"status": "verified", "journalId": "x"}"#));
        assert!(contained(r#"{"status": "nothing-to-do", "why": "contained already, and so on"}"#));
        for answer in [
            r#"{"status": "nothing-to-do", "why": "it is gone"}"#,
            r#"{"status": "unknown"}"#,
            r#"{"status": "failed"}"#,
            r#"{"status": "refused", "refusal": "protected"}"#,
            "{}",
            "null",
        ] {
            assert!(!contained(answer), "{answer}");
        }
    }

    #[test]
    fn an_answer_that_is_none_is_an_error_and_never_done() {
        let failed = r#"{"StatusCode": 200, "FunctionError": "Unhandled"}"#;
        for output in ["", DONE, "not JSON", r#"{"status": "verified"}"#, "{} []"] {
            let error = read(output.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("whether it was carried out is not known"), "{output}: {error}");
        }
        let died = format!(r#"{{"errorMessage": "it timed out"}}{failed}"#);
        let error = read(died.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("it timed out") && error.contains("a part of it"), "{error}");
    }
}
