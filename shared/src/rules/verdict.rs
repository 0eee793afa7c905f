use crate::facts::Unread;

/// What a rule says of one resource. Three outcomes are never conflated: fine, broken, and not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<F> {
    /// It keeps the rule.
    Compliant,
    /// It breaks the rule, in the way the finding says.
    NonCompliant(F),
    /// A fact the verdict hangs on could not be read. Never compliant, never acted on.
    Unknown(Unread),
}

impl<F> Verdict<F> {
    /// Applies `f` to the finding.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> Verdict<G> {
        match self {
            Self::Compliant => Verdict::Compliant,
            Self::NonCompliant(finding) => Verdict::NonCompliant(f(finding)),
            Self::Unknown(unread) => Verdict::Unknown(unread),
        }
    }
}

impl<T: Clone> Verdict<Vec<T>> {
    /// Judges each of several things. What surely breaks the rule is a finding even if others are unknown;
    /// without such, one unknown makes the whole unknown.
    pub(crate) fn of_each<'a>(
        things: impl IntoIterator<Item = &'a T>,
        mut breaks: impl FnMut(&T) -> Result<bool, Unread>,
    ) -> Self
    where
        T: 'a,
    {
        let mut broken = Vec::new();
        let mut unread = None;
        for thing in things {
            match breaks(thing) {
                Ok(true) => broken.push(thing.clone()),
                Ok(false) => {}
                Err(reason) => unread = Some(reason),
            }
        }
        match (broken.is_empty(), unread) {
            (false, _) => Self::NonCompliant(broken),
            (true, Some(reason)) => Self::Unknown(reason),
            (true, None) => Self::Compliant,
        }
    }
}
