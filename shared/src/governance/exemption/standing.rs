use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::Governance;
use super::{ExemptSubject, Exemption};
use crate::identifier::AccountId;

/// How an exemption stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is in force, and not for much longer.
    Lapsing,
    /// It is in force.
    InForce,
    /// It begins later.
    NotYet,
    /// Its time is over.
    Lapsed,
}

impl Governance {
    /// How an exemption stands, where those that lapse within so many days are pointed out. One that another takes over
    /// from does not lapse.
    pub fn standing(&self, exemption: &Exemption, at: Timestamp, notice_days: u16) -> Standing {
        let notice = SignedDuration::from_hours(24 * i64::from(notice_days));
        if exemption.has_lapsed(at) {
            Standing::Lapsed
        } else if !exemption.in_force(at) {
            Standing::NotYet
        } else if exemption.expires.duration_since(at) <= notice && !self.is_renewed(exemption) {
            Standing::Lapsing
        } else {
            Standing::InForce
        }
    }

    /// Whether another exemption of the same from the same rule begins no later than this one ends, and outlasts it.
    pub fn is_renewed(&self, exemption: &Exemption) -> bool {
        self.exemptions.iter().any(|other| {
            other.is_twin_of(exemption)
                && other.created <= exemption.expires
                && exemption.expires < other.expires
        })
    }

    /// The exemptions that are about to lapse, and those that have lapsed no longer ago than that and were not renewed,
    /// of what is the account's. Whose an access key is no file tells.
    pub(crate) fn lapsing_and_lapsed(
        &self,
        account: &AccountId,
        at: Timestamp,
    ) -> (Vec<Exemption>, Vec<Exemption>) {
        let here = |exemption: &&Exemption| match &exemption.subject {
            ExemptSubject::Principal(arn) | ExemptSubject::Resource(arn) => {
                arn.account().as_ref() == Some(account)
            }
            ExemptSubject::AccessKey(_) => true,
        };
        let days = Exemption::NOTICE_DAYS;
        let of = |wanted: &dyn Fn(&Exemption) -> bool| -> Vec<Exemption> {
            self.exemptions.iter().filter(here).filter(|one| wanted(one)).cloned().collect()
        };
        (
            of(&|one| self.standing(one, at, days) == Standing::Lapsing),
            of(&|one| self.has_just_lapsed(one, at, days)),
        )
    }

    /// Whether it has lapsed no longer ago than so many days, and nothing took over from it.
    pub fn has_just_lapsed(&self, exemption: &Exemption, at: Timestamp, notice_days: u16) -> bool {
        let notice = SignedDuration::from_hours(24 * i64::from(notice_days));
        exemption.has_lapsed(at)
            && at.duration_since(exemption.expires) <= notice
            && !self.is_renewed(exemption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn governance(periods: &[(&str, &str)]) -> Governance {
        let mut text = "version: 1\nexemptions:\n".to_owned();
        for (created, expires) in periods {
            text += &format!(
                "  - {{rule: access-key-age, principal: \"arn:aws:iam::111122223333:user/ann\", ticket: S, owner: o, \
                 approver: a, reason: r, created: {created}, expires: {expires}}}\n"
            );
        }
        Governance::parse(&text).unwrap()
    }

    fn standing(governance: &Governance, at: &str) -> Standing {
        governance.standing(&governance.exemptions()[0], at.parse().unwrap(), Exemption::NOTICE_DAYS)
    }

    #[test]
    fn its_last_fourteen_days_are_pointed_out_to_the_second() {
        let governance = governance(&[("2026-02-01", "2027-01-31")]);
        for (at, expected) in [
            ("2026-01-31T23:59:59Z", Standing::NotYet),
            ("2026-02-01T00:00:00Z", Standing::InForce),
            ("2027-01-17T23:59:59Z", Standing::InForce),
            ("2027-01-18T00:00:00Z", Standing::Lapsing),
            ("2027-01-31T23:59:59Z", Standing::Lapsing),
            ("2027-02-01T00:00:00Z", Standing::Lapsed),
        ] {
            assert_eq!(standing(&governance, at), expected, "{at}");
        }
    }

    #[test]
    fn one_that_another_takes_over_from_does_not_lapse() {
        let at = "2027-01-30T00:00:00Z";
        let renewed = governance(&[("2026-02-01", "2027-01-31"), ("2027-02-01", "2027-06-30")]);
        assert_eq!(standing(&renewed, at), Standing::InForce);
        let with_a_gap = governance(&[("2026-02-01", "2027-01-31"), ("2027-02-02", "2027-06-30")]);
        assert_eq!(standing(&with_a_gap, at), Standing::Lapsing);
    }

    #[test]
    fn what_is_about_to_lapse_and_has_just_lapsed_is_told_of_this_account_alone() {
        let governance = governance(&[("2026-02-01", "2027-01-31")]);
        let told = |account: &str, at: &str| {
            let account = AccountId::parse(account).unwrap();
            let (lapsing, lapsed) = governance.lapsing_and_lapsed(&account, at.parse().unwrap());
            (lapsing.len(), lapsed.len())
        };
        let ours = "111122223333";
        assert_eq!(told(ours, "2027-01-01T00:00:00Z"), (0, 0));
        assert_eq!(told(ours, "2027-01-31T00:00:00Z"), (1, 0));
        assert_eq!(told("444455556666", "2027-01-31T00:00:00Z"), (0, 0));
        assert_eq!(told(ours, "2027-02-15T00:00:00Z"), (0, 1));
        assert_eq!(told(ours, "2027-02-15T00:00:01Z"), (0, 0));
    }
}
