//! Which principals a statement's resources are, found once for all who have the statement.

use super::principal::Principal;
use crate::policy::glob::{self, Case};
use crate::policy::{Element, ResourcePattern, Version};

/// The principals among a statement's resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Who asks decides: there are variables.
    Varies,
    /// All of them, and whatever else there is.
    Everything,
    /// These.
    Listed(Places),
    /// All but these.
    AllBut(Places),
}

/// Some principals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Places {
    /// Ascending.
    places: Vec<u32>,
    /// Whether the user that asks is among them, or may be: `user/${aws:username}`.
    oneself: bool,
}

impl Reach {
    /// Whether a principal is among them where another asks; `None` where that has to be worked out.
    pub(super) fn has(&self, principal: usize, asking: Option<usize>) -> Option<bool> {
        match self {
            Self::Varies => None,
            Self::Everything => Some(true),
            Self::Listed(listed) => listed.has(principal, asking),
            Self::AllBut(listed) => listed.has(principal, asking).map(|listed| !listed),
        }
    }
}

impl Reach {
    /// The principals among them, if they are listed.
    pub(super) fn listed(&self) -> Option<impl Iterator<Item = usize>> {
        match self {
            Self::Listed(listed) if !listed.oneself => {
                Some(listed.places.iter().filter_map(|place| usize::try_from(*place).ok()))
            }
            _ => None,
        }
    }
}

impl Places {
    fn has(&self, principal: usize, asking: Option<usize>) -> Option<bool> {
        if u32::try_from(principal).is_ok_and(|principal| self.places.binary_search(&principal).is_ok()) {
            return Some(true);
        }
        let may_be_oneself = self.oneself && asking.is_none_or(|asking| asking == principal);
        (!may_be_oneself).then_some(false)
    }
}

/// Every principal's ARN in the order of the alphabet, with its place.
pub(super) struct Directory<'a>(Vec<(&'a str, u32)>);

impl<'a> Directory<'a> {
    pub(super) fn of(principals: &'a [Principal]) -> Self {
        let arns = principals.iter().map(|principal| principal.arn.as_str());
        let mut arns: Vec<(&str, u32)> = arns.zip(0..).collect();
        arns.sort_unstable();
        Self(arns)
    }

    /// The principals among a statement's resources.
    pub(super) fn reach(&self, resources: Option<&Element<ResourcePattern>>, version: Version) -> Reach {
        let Some(resources) = resources else { return Reach::Everything };
        let mut listed = Places::default();
        for pattern in resources.entries.iter().map(ResourcePattern::as_str) {
            if version.has_variables() && pattern.contains("${") {
                if !is_oneself(pattern) {
                    return Reach::Varies;
                }
                listed.oneself = true;
            } else if glob::is_everything(pattern) {
                return if resources.negated { Reach::Listed(Places::default()) } else { Reach::Everything };
            } else {
                listed.places.extend(self.matched(pattern));
            }
        }
        listed.places.sort_unstable();
        listed.places.dedup();
        if resources.negated { Reach::AllBut(listed) } else { Reach::Listed(listed) }
    }

    /// Only ARNs that begin as the pattern does can match it.
    fn matched(&self, pattern: &str) -> impl Iterator<Item = u32> {
        let (literal, rest) = pattern.split_at(pattern.find(['*', '?']).unwrap_or(pattern.len()));
        let start = self.0.partition_point(|(arn, _)| *arn < literal);
        let candidates = self.0.iter().skip(start).take_while(move |(arn, _)| arn.starts_with(literal));
        let last = pattern.rsplit(['*', '?']).next().unwrap_or_default();
        let is_it = move |arn: &str| {
            rest == "*" || (arn.ends_with(last) && glob::matches(pattern, arn, Case::Counts))
        };
        candidates.filter(move |(arn, _)| is_it(arn)).map(|(_, place)| *place)
    }
}

/// Whether a pattern is of users, and of none but the one of the name of whoever asks. No two users of an account have
/// the same name, whatever their paths.
fn is_oneself(pattern: &str) -> bool {
    pattern.strip_suffix("/${aws:username}").is_some_and(|head| {
        !head.contains("${") && head.splitn(6, ':').nth(5).is_some_and(|path| path.starts_with("user"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::Arn;
    use crate::policy::account::principal::Kind;

    fn principals() -> Vec<Principal> {
        let names = ["user/a", "user/ab", "user/b/a", "role/a", "role/b", "role/ab/c", "group/a"];
        let arns = names.map(|name| Arn::parse(&format!("arn:aws:iam::111122223333:{name}")).unwrap());
        arns.into_iter().map(|arn| Principal::new(Kind::User, arn)).collect()
    }

    proptest! {
        #[test]
        fn a_reach_is_what_the_patterns_match(
            negated in any::<bool>(),
            patterns in proptest::collection::vec(
                "(\\*|arn:aws:iam::(\\*|111122223333|\\?{12}):(user|role|\\*|us\\*)/[ab*?]{0,3}(/[ac*])?)", 0..4,
            ),
        ) {
            let principals = principals();
            let entries = patterns.iter().map(|pattern| ResourcePattern::new(pattern)).collect();
            let resources = Element { negated, entries };
            let reach = Directory::of(&principals).reach(Some(&resources), Version::V2012);
            for (place, principal) in principals.iter().enumerate() {
                let arn = principal.arn.as_str();
                let expected = resources.is_met(|entry| glob::matches(entry.as_str(), arn, Case::Counts));
                prop_assert_eq!(reach.has(place, None), Some(expected), "{} {:?}", arn, &resources);
            }
        }
    }

    #[test]
    fn variables_are_left_to_who_asks() {
        let principals = principals();
        let reach = |resource: &str, version| {
            let resources = Element { negated: false, entries: vec![ResourcePattern::new(resource)] };
            Directory::of(&principals).reach(Some(&resources), version)
        };
        let own = "arn:aws:iam::*:user/*/${aws:username}";
        assert_eq!(reach(own, Version::V2012).has(2, Some(2)), None);
        assert_eq!(reach(own, Version::V2012).has(2, Some(1)), Some(false));
        assert_eq!(reach(own, Version::V2008).has(2, Some(2)), Some(false));
        for tagged in ["arn:aws:iam::*:role/${aws:username}", "arn:aws:iam::*:user/${aws:PrincipalTag/boss}"]
        {
            assert_eq!(reach(tagged, Version::V2012), Reach::Varies);
        }
        assert_eq!(Directory::of(&principals).reach(None, Version::V2012), Reach::Everything);
    }
}
