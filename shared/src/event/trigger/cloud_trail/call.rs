use super::super::Hint;
use super::super::said::{said, shortened};
use super::caller::Caller;
use crate::event::error::EventError;
use crate::event::field::Field;
use crate::identifier::{AccountId, Arn};
use crate::threat::Sign;

/// A call as CloudTrail records it.
///
/// Source: CloudTrail user guide, "CloudTrail record contents".
pub(super) struct Call<'a> {
    /// The service's prefix, such as `iam`.
    pub(super) service: &'a str,
    /// The operation.
    pub(super) name: &'a str,
    pub(super) caller: Caller,
    /// The account that it was recorded in.
    pub(super) account: AccountId,
    /// The error by which AWS refused it.
    pub(super) error: Option<&'a str>,
    pub(super) is_read: bool,
    pub(super) parameters: Field<'a>,
    pub(super) response: Field<'a>,
    key_used: Option<&'a str>,
    from: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(super) fn read(detail: &Field<'a>, account: &AccountId) -> Result<Self, EventError> {
        let source = detail.get("eventSource")?.filled_text()?;
        let name = detail.get("eventName")?.filled_text()?;
        let identity = detail.get("userIdentity")?;
        let reads = ["Get", "List", "Describe"].iter().any(|verb| name.starts_with(verb));
        Ok(Self {
            service: source.split('.').next().unwrap_or(source),
            name,
            caller: Caller::read(&identity, account)?,
            account: account.clone(),
            error: detail.get("errorCode")?.text_if_any()?,
            is_read: read_only(&detail.get("readOnly")?)?.unwrap_or(reads),
            parameters: detail.get("requestParameters")?,
            response: detail.get("responseElements")?,
            key_used: identity.get("accessKeyId")?.text_if_any()?,
            from: detail.get("sourceIPAddress")?.text_if_any()?,
        })
    }

    /// A parameter's text. Null parameters, and those that CloudTrail hides, tell nothing.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, EventError> {
        Ok(self.parameters.under(key)?.text_if_any()?.filter(|text| !is_hidden(text)))
    }

    /// A parameter that says yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, EventError> {
        self.parameters.under(key)?.optional(Field::boolean)
    }

    /// Whether CloudTrail left the parameters out, for they are larger than it records.
    ///
    /// Source: CloudTrail user guide, "CloudTrail record contents".
    pub(super) fn is_without_parameters(&self) -> bool {
        let omitted = self.parameters.raw().and_then(|parameters| parameters.get("omitted"));
        omitted.is_some_and(|omitted| match omitted.as_str() {
            Some(word) => word.eq_ignore_ascii_case("true"),
            None => *omitted == true,
        })
    }

    /// Whether the operation is one of these.
    pub(super) fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name)
    }

    pub(super) fn key_used(&self) -> Option<&'a str> {
        self.key_used
    }

    /// Such as `iam:CreateAccessKey`.
    pub(super) fn action(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }

    /// An ARN of IAM in this account, for what is named without one.
    pub(super) fn arn(&self, resource: &str) -> Option<Arn> {
        Arn::parse(&format!("arn:{}:iam::{}:{resource}", self.caller.partition, self.account)).ok()
    }

    /// What happened, in one line.
    pub(super) fn said(&self) -> String {
        self.said_with("")
    }

    pub(super) fn said_with(&self, more: &str) -> String {
        const TARGETS: [&str; 8] = [
            "userName",
            "roleName",
            "groupName",
            "policyArn",
            "name",
            "trailName",
            "targetPrincipal",
            "policyId",
        ];
        let target = TARGETS
            .iter()
            .find_map(|key| self.text(key).ok().flatten())
            .map(|target| format!(" on {}", shortened(target)));
        let from = self.from.map(|from| format!(" from {}", shortened(from)));
        let left_out = "CloudTrail left out its parameters, which were too large";
        let more = if more.is_empty() && self.is_without_parameters() { left_out } else { more };
        let more = if more.is_empty() { String::new() } else { format!(": {more}") };
        let (caller, action) = (&self.caller.shown, self.action());
        said(&format!(
            "{caller} called {action}{}{}{more}",
            target.unwrap_or_default(),
            from.unwrap_or_default()
        ))
    }

    /// What speaks against the caller: a threat where it is a principal of the account, else a page; nothing where AWS's
    /// own services do it.
    pub(super) fn against(&self, sign: Sign) -> Option<Hint> {
        if self.caller.is_service() {
            return None;
        }
        let said = self.said();
        Some(match self.caller.about.clone() {
            Some(about) => {
                Hint::Threat { sign, about, key: self.caller.key.clone(), by: None, severity: None, said }
            }
            None => Hint::Page { sign, said },
        })
    }

    /// A page, whoever did it, and what speaks against the caller beside it.
    pub(super) fn told_and_against(&self, sign: Sign) -> Vec<Hint> {
        let page = Hint::Page { sign, said: self.said() };
        let against = self.against(sign).filter(|hint| !matches!(hint, Hint::Page { .. }));
        std::iter::once(page).chain(against).collect()
    }
}

/// A boolean; what was kept elsewhere on the way may come back as a text.
fn read_only(field: &Field<'_>) -> Result<Option<bool>, EventError> {
    Ok(match field.raw().and_then(serde_json::Value::as_str) {
        Some(word) if word.eq_ignore_ascii_case("true") => Some(true),
        Some(word) if word.eq_ignore_ascii_case("false") => Some(false),
        _ => field.optional(Field::boolean)?,
    })
}

/// CloudTrail's words for what it does not show, such as `HIDDEN_DUE_TO_SECURITY_REASONS`.
pub(super) fn is_hidden(text: &str) -> bool {
    text.starts_with("HIDDEN") || text.starts_with("****")
}
