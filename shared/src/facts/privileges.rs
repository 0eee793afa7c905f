use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Read, Unread, WhyUnread};
use crate::policy::account::{Certainty, ORGANIZATION, PrincipalReport, Step};
use crate::policy::analysis::Tier;

/// How powerful a user, a role or any member of a group is, judged among everybody else of its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Privileges {
    /// What is at stake with it. Platinum if it is an administrator or can become one.
    pub tier: Tier,
    /// Whether it is an administrator as it stands.
    pub admin: bool,
    /// How sure that is.
    pub certainty: Certainty,
    /// The steps by which it becomes an administrator, in words; none where it is one, or cannot.
    pub path: Vec<String>,
    /// On what all this hangs, where it is not sure.
    pub depends_on: Vec<String>,
    /// What could not be read of it: it may be more than is said here.
    pub errors: Vec<String>,
}

impl Privileges {
    /// Whether it is an administrator or can become one.
    pub fn is_platinum(&self) -> bool {
        self.tier == Tier::Platinum
    }

    /// Whether it is no less for certain, but for what the organisation's policies may forbid.
    pub fn hangs_on_the_organization_alone(&self) -> bool {
        self.errors.is_empty() && self.depends_on.iter().all(|on| on == ORGANIZATION)
    }

    /// What leaves open whether it is more than is said here.
    pub fn unread(&self) -> Option<Unread> {
        // Not `NotRead`: no closer look at the principal alone would tell.
        let first = self.errors.first()?;
        let mut detail = first.clone();
        if self.errors.len() > 1 {
            // Writing to a `String` cannot fail.
            let _ = write!(detail, ", and {} more", self.errors.len() - 1);
        }
        Some(Unread::new(Read::GetAccountAuthorizationDetails, WhyUnread::Incomplete, detail))
    }
}

impl From<PrincipalReport> for Privileges {
    fn from(report: PrincipalReport) -> Self {
        Self {
            tier: report.tier,
            admin: report.admin,
            certainty: report.certainty,
            path: report.path.iter().map(in_words).collect(),
            depends_on: report.depends_on,
            errors: report.errors,
        }
    }
}

/// A step, such as `iam:CreateAccessKey on user/bob`. Whoever the step before led to takes it.
fn in_words(step: &Step) -> String {
    let resource = |arn: &str| arn.splitn(6, ':').nth(5).unwrap_or(arn).to_owned();
    let mut words = step.by.clone();
    match &step.on {
        // Writing to a `String` cannot fail.
        Some(on) if step.to == step.from => {
            let _ = write!(words, " on {}", resource(on));
        }
        Some(on) => {
            let _ = write!(words, " on {} for {}", resource(on), resource(&step.to));
        }
        None if step.to == step.from => words.push_str(" on itself"),
        None => {
            let _ = write!(words, " on {}", resource(&step.to));
        }
    }
    words
}
