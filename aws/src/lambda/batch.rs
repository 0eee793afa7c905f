use std::collections::HashSet;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handled {
    /// It is never wanted again.
    Done,
    /// It is delivered again later.
    Again,
}

/// Works a batch off in order. A message that is wanted again takes all later ones of its group with it, so that
/// a principal's findings keep their order; other groups go on.
///
/// The first message is always tried; the others only while there is time.
pub(super) async fn work_off(
    messages: &[SqsMessage],
    has_time: impl Fn() -> bool,
    handle: impl AsyncFn(&SqsMessage) -> Handled,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut held_up = HashSet::new();
    for (index, message) in messages.iter().enumerate() {
        let group = message.attributes.get("MessageGroupId");
        // A message of no group waits for no other.
        let behind_another = group.is_some() && held_up.contains(&group);
        let handled =
            if behind_another || (index > 0 && !has_time()) { Handled::Again } else { handle(message).await };
        if handled == Handled::Again {
            held_up.insert(group);
            // Without an id the response names nothing, on which Lambda takes the whole batch for failed.
            response.add_failure(message.message_id.clone().unwrap_or_default());
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Value, json};

    use super::*;

    fn message(id: &str, group: &str) -> SqsMessage {
        serde_json::from_value(
            json!({"messageId": id, "body": "{}", "attributes": {"MessageGroupId": group}}),
        )
        .unwrap()
    }

    fn batch() -> Vec<SqsMessage> {
        vec![message("1", "ann"), message("2", "ben"), message("3", "ann"), message("4", "ben")]
    }

    fn run(has_time: impl Fn() -> bool, handle: impl Fn(&str) -> Handled) -> (Vec<String>, Value) {
        let seen = RefCell::new(Vec::new());
        let messages = batch();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(work_off(&messages, has_time, async |message| {
            let id = message.message_id.clone().unwrap();
            seen.borrow_mut().push(id.clone());
            handle(&id)
        }));
        (seen.into_inner(), serde_json::to_value(response).unwrap())
    }

    fn failed(ids: &[&str]) -> Value {
        let failures: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
        json!({"batchItemFailures": failures})
    }

    #[test]
    fn a_batch_that_is_all_done_reports_no_failure() {
        let (seen, response) = run(|| true, |_| Handled::Done);
        assert_eq!(seen, ["1", "2", "3", "4"]);
        assert_eq!(response, failed(&[]));
    }

    #[test]
    fn a_failure_takes_the_later_ones_of_its_group_with_it() {
        let (seen, response) = run(|| true, |id| if id == "1" { Handled::Again } else { Handled::Done });
        assert_eq!(seen, ["1", "2", "4"]);
        assert_eq!(response, failed(&["1", "3"]));
    }

    #[test]
    fn messages_of_no_group_do_not_wait_for_each_other() {
        let messages: Vec<SqsMessage> = ["1", "2"]
            .map(|id| serde_json::from_value(json!({"messageId": id, "body": "{}"})).unwrap())
            .to_vec();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let first_fails = async |message: &SqsMessage| {
            if message.message_id.as_deref() == Some("1") { Handled::Again } else { Handled::Done }
        };
        let response = runtime.block_on(work_off(&messages, || true, first_fails));
        assert_eq!(serde_json::to_value(response).unwrap(), failed(&["1"]));
    }

    #[test]
    fn without_time_only_the_first_is_tried() {
        let (seen, response) = run(|| false, |_| Handled::Done);
        assert_eq!(seen, ["1"]);
        assert_eq!(response, failed(&["2", "3", "4"]));
    }
}
