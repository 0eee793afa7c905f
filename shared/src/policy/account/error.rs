/// Why a file tells nothing of an account.
///
/// What is wrong with a single policy is no such error: it stands in the `errors` of each principal that has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountDetailsError {
    /// Nothing but white space.
    #[error(
        "the account details are empty; expected what `aws iam get-account-authorization-details` prints"
    )]
    Empty,
    /// A page is no JSON, or not of the shape that IAM gives it.
    #[error("page {page} of the account details cannot be read: {why}")]
    Unreadable {
        /// Which page, counted from 1.
        page: usize,
        /// What the reader said.
        why: String,
    },
    /// A page that is JSON, but of something else.
    #[error(
        "page {page} has none of `UserDetailList`, `GroupDetailList`, `RoleDetailList` and `Policies`; \
         expected what `aws iam get-account-authorization-details` prints"
    )]
    NotAccountDetails {
        /// Which page, counted from 1.
        page: usize,
    },
    /// The last page says that another follows. Half an account would be judged as if it were whole.
    #[error(
        "the account details end with a page that says more follow; add the other pages, or ask again without \
         `--max-items`"
    )]
    Truncated,
    /// A principal or policy without an ARN that could be its own.
    #[error("`{text}` in `{list}` is not the ARN of an IAM principal or policy")]
    NotAnArn {
        /// The list it stands in.
        list: &'static str,
        /// What stands there.
        text: String,
    },
    /// Two principals or policies of one ARN: which one counts is not ours to guess.
    #[error("`{arn}` stands twice in the account details; keep one")]
    StandsTwice {
        /// The ARN.
        arn: String,
    },
}
