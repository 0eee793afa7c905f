//! The governance file.

mod mode;
mod suggestion;

pub use mode::Mode;
pub(crate) use suggestion::did_you_mean;

/// Stand-in until the file's reader lands.
pub struct Governance;
/// Setting.
pub struct RuleSetting {
    /// on
    pub enabled: bool,
    /// mode
    pub mode: Mode,
    /// rule
    pub rule: Box<dyn crate::rules::BoundRule>,
}
/// Exemption.
#[derive(Clone)]
pub struct Exemption {
    /// t
    pub ticket: String,
    /// e
    pub expires: jiff::Timestamp,
}
impl Governance {
    /// s
    pub fn rule(&self, _: crate::rules::RuleId) -> &RuleSetting {
        unimplemented!()
    }
    /// s
    pub fn protected(&self) -> Vec<(String, String)> {
        vec![]
    }
    /// s
    pub fn exemption(
        &self,
        _: crate::rules::RuleId,
        _: &crate::facts::Principal,
        _: jiff::Timestamp,
    ) -> Option<&Exemption> {
        None
    }
    /// s
    pub fn exempt_keys(
        &self,
        _: crate::rules::RuleId,
        _: jiff::Timestamp,
    ) -> impl Iterator<Item = (&crate::identifier::AccessKeyId, &Exemption)> {
        std::iter::empty()
    }
}
