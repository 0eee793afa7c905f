//! What the root user does: people are told, since nothing can be done to it.

use super::super::Hint;
use super::call::Call;
use super::caller::Kind;
use crate::event::error::EventError;
use crate::identifier::UserName;
use crate::threat::Sign;

pub(super) fn hints(call: &Call<'_>) -> Result<Option<Hint>, EventError> {
    let Kind::Root { is_assumed } = call.caller.kind else { return Ok(None) };
    // What root made goes on working by itself: a group of instances that it made starts them in its name.
    if call.caller.is_through_a_service() {
        return Ok(None);
    }
    // Whether a device will be asked for is told before anybody has signed in.
    if call.service == "signin" && (call.name == "CheckMfa" || !succeeded(call)?) {
        return Ok(None);
    }
    let sign = if is_assumed {
        Sign::AssumedRoot
    } else if can_be_done_by_root_alone(call)? {
        Sign::RootTask
    } else {
        Sign::RootUsed
    };
    Ok(Some(Hint::Page { sign, said: call.said() }))
}

/// Whether it succeeded. A failed sign-in or change of password has no error code: the answer says so under the
/// event's own name.
fn succeeded(call: &Call<'_>) -> Result<bool, EventError> {
    let answer = call.response.under(call.name)?.text_if_any()?;
    Ok(answer.is_none_or(|answer| answer == "Success"))
}

/// Whether only the root user can do it, as far as a call tells.
///
/// Source: IAM user guide, "Tasks that require root user credentials". Some of these others can do too, and root must
/// only where a policy shuts everybody out: a bucket's or queue's policy.
fn can_be_done_by_root_alone(call: &Call<'_>) -> Result<bool, EventError> {
    Ok(match (call.service, call.name) {
        (
            "iam",
            "CreateAccessKey"
            | "UpdateAccessKey"
            | "DeleteAccessKey"
            | "EnableMFADevice"
            | "DeactivateMFADevice"
            | "ResyncMFADevice",
            // Root is named in words that no user can have, such as `<root_account>` and `AWS ROOT USER`.
        ) => call.text("userName")?.is_none_or(|name| name == "root" || UserName::parse(name).is_err()),
        // The account's own address and password.
        (
            "signin",
            "EmailUpdated" | "PasswordUpdated" | "PasswordRecoveryRequested" | "PasswordRecoveryCompleted",
        )
        | ("s3", "PutBucketPolicy" | "DeleteBucketPolicy" | "PutBucketVersioning")
        | ("sqs", "SetQueueAttributes" | "RemovePermission")
        | ("account", "StartPrimaryEmailUpdate" | "AcceptPrimaryEmailUpdate" | "CloseAccount") => true,
        _ => false,
    })
}
