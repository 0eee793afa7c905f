use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::suggestion::did_you_mean;
use super::{ExemptSubject, Governance};
use crate::identifier::{AccessKeyId, AccountId, Arn};
use crate::remedy::matches;

/// Who is in an account.
#[derive(Debug, Clone)]
pub struct Inhabitants {
    /// The account.
    pub account: AccountId,
    /// Its users and roles.
    pub principals: Vec<Arn>,
    /// Whatever else of it rules judge: groups, policies.
    pub resources: Vec<Arn>,
    /// Its users' access keys.
    pub access_keys: BTreeSet<AccessKeyId>,
}

/// An entry of the governance file that names nobody in an account: somebody believes to be protected or exempt,
/// and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unmatched {
    /// The entry, such as `breakGlass[0]`.
    pub entry: String,
    /// Whom it names; of a key its last four characters only.
    pub names: String,
    /// Why that is nobody, and who may be meant.
    pub why: String,
}

impl Governance {
    /// The entries that name nobody there, in the order of the file. An exemption that has ended is none of them.
    pub fn unmatched(&self, there: &Inhabitants, at: Timestamp) -> Vec<Unmatched> {
        let mut unmatched = Vec::new();
        for break_glass in [false, true] {
            let section = if break_glass { "breakGlass" } else { "protected" };
            let listed = self.listed.iter().filter(|listed| listed.break_glass == break_glass);
            for (index, listed) in listed.enumerate() {
                unmatched.extend(there.lacks(&listed.principal, &there.principals).map(|why| Unmatched {
                    entry: format!("{section}[{index}]"),
                    names: listed.principal.clone(),
                    why,
                }));
            }
        }
        for (index, exemption) in self.exemptions.iter().enumerate().filter(|(_, one)| one.in_force(at)) {
            let why = match &exemption.subject {
                ExemptSubject::Principal(arn) => there.lacks(arn.as_str(), &there.principals),
                ExemptSubject::Resource(arn) => there.lacks(arn.as_str(), &there.resources),
                ExemptSubject::AccessKey(key) if there.access_keys.contains(key) => None,
                ExemptSubject::AccessKey(_) => Some("no user has this access key".to_owned()),
            };
            unmatched.extend(why.map(|why| Unmatched {
                entry: format!("exemptions[{index}]"),
                names: exemption.subject.to_string(),
                why,
            }));
        }
        unmatched
    }
}

impl Inhabitants {
    /// Why the ARN or pattern is nobody's here; `None` where it is somebody's.
    fn lacks(&self, pattern: &str, among: &[Arn]) -> Option<String> {
        if among.iter().any(|arn| matches(pattern, arn.as_str())) {
            return None;
        }
        if pattern.contains('*') {
            return Some("no user or role is like this".to_owned());
        }
        let arn = Arn::parse(pattern).ok();
        if let Some(other) = arn.as_ref().and_then(Arn::account).filter(|account| *account != self.account) {
            return Some(format!("it is of account {other}, and this is {}", self.account));
        }
        let kind = pattern.split('/').next().and_then(|start| start.rsplit(':').next()).unwrap_or_default();
        let meant = arn.map(|arn| like(&arn, among)).unwrap_or_default();
        Some(format!("there is no such {kind}{meant}"))
    }
}

/// Which may be meant: one of the same name in another path or case, or of a name much like it.
fn like(named: &Arn, among: &[Arn]) -> String {
    let same = |arn: &&Arn| arn.name().eq_ignore_ascii_case(named.name());
    match among.iter().find(same) {
        Some(arn) => format!(" (did you mean `{arn}`?)"),
        None => did_you_mean(named.name(), among.iter().map(Arn::name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there() -> Inhabitants {
        let arn = |resource| Arn::parse(&format!("arn:aws:iam::111122223333:{resource}")).unwrap();
        Inhabitants {
            account: AccountId::parse("111122223333").unwrap(),
            principals: ["user/bob", "user/team/alice", "role/ci/deployer"].map(arn).to_vec(),
            resources: ["group/staff", "policy/team/deploy"].map(arn).to_vec(),
            access_keys: BTreeSet::from([AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap()]),
        }
    }

    fn unmatched(text: &str, at: &str) -> Vec<String> {
        let governance = Governance::parse(&format!("version: 1\n{text}")).unwrap();
        let said =
            |unmatched: Unmatched| format!("{}: {}: {}", unmatched.entry, unmatched.names, unmatched.why);
        governance.unmatched(&there(), at.parse().unwrap()).into_iter().map(said).collect()
    }

    fn listed(section: &str, principals: &[&str]) -> String {
        principals.iter().fold(format!("{section}:\n"), |text, principal| {
            text + &format!("  - {{principal: \"{principal}\", reason: test}}\n")
        })
    }

    fn exempt(subject: &str) -> String {
        format!(
            "exemptions: [{{rule: access-key-age, {subject}, ticket: S-1, owner: o, approver: a, reason: r, created: 2026-02-01, expires: 2027-01-31}}]\n"
        )
    }

    const NOW: &str = "2026-11-22T09:00:00Z";

    #[test]
    fn an_entry_that_names_nobody_is_said_with_whom_it_may_mean() {
        let protected = listed(
            "protected",
            &["arn:aws:iam::111122223333:role/deployer", "arn:aws:iam::111122223333:role/ops/*"],
        );
        let break_glass = listed(
            "breakGlass",
            &[
                "arn:aws:iam::111122223333:user/Bob",
                "arn:aws:iam::111122223333:user/team/alise",
                "arn:aws:iam::111122223334:user/bob",
                "arn:aws:iam::111122223333:user/zebra",
            ],
        );
        assert_eq!(
            unmatched(&(protected + &break_glass), NOW),
            [
                "protected[0]: arn:aws:iam::111122223333:role/deployer: there is no such role (did you mean \
              `arn:aws:iam::111122223333:role/ci/deployer`?)",
                "protected[1]: arn:aws:iam::111122223333:role/ops/*: no user or role is like this",
                "breakGlass[0]: arn:aws:iam::111122223333:user/Bob: there is no such user (did you mean \
              `arn:aws:iam::111122223333:user/bob`?)",
                "breakGlass[1]: arn:aws:iam::111122223333:user/team/alise: there is no such user (did you mean `alice`?)",
                "breakGlass[2]: arn:aws:iam::111122223334:user/bob: it is of account 111122223334, and this is \
              111122223333",
                "breakGlass[3]: arn:aws:iam::111122223333:user/zebra: there is no such user",
            ]
        );
    }

    #[test]
    fn an_entry_that_names_somebody_is_not_mentioned() {
        let principals = ["arn:aws:iam::111122223333:user/bob", "arn:aws:iam::*:role/ci/*", "*"];
        for section in ["protected", "breakGlass"] {
            assert_eq!(unmatched(&listed(section, &principals), NOW), Vec::<String>::new());
        }
        for subject in
            ["principal: \"arn:aws:iam::111122223333:user/bob\"", "accessKey: AKIAIOSFODNN7EXAMPLE"]
        {
            assert_eq!(unmatched(&exempt(subject), NOW), Vec::<String>::new());
        }
    }

    #[test]
    fn an_exemption_of_nobody_is_said_for_as_long_as_it_stands() {
        let of_user = exempt("principal: \"arn:aws:iam::111122223333:user/bobb\"");
        let said = unmatched(&of_user, NOW);
        assert!(
            said[0].starts_with("exemptions[0]: arn:aws:iam::111122223333:user/bobb: there is no such user")
        );
        assert_eq!(unmatched(&of_user, "2027-02-01T00:00:00Z"), Vec::<String>::new());
        let of_key = unmatched(&exempt("accessKey: AKIAIOSFODNN7EXAMPLX"), NOW);
        assert_eq!(of_key, ["exemptions[0]: key …MPLX: no user has this access key"]);
    }
}
