use std::collections::BTreeMap;

use super::{Names, Verdict};
use crate::facts::Fact;

/// Judges tags as AWS's managed rules `…_TAGGED` do: every required key must be there, in its letter case, whatever its
/// value; without a required key any tag will do. Tags that AWS sets itself, `aws:…`, do not count.
///
/// The finding are the keys that are missing; none where there is no tag at all and none is required.
pub(super) fn judge_tags(tags: &Fact<BTreeMap<String, String>>, required: &Names) -> Verdict<Vec<String>> {
    let tags = match tags.known() {
        Err(unread) => return Verdict::Unknown(unread.clone()),
        Ok(tags) => tags,
    };
    let counts = |key: &str| !key.starts_with("aws:");
    let has = |key: &str| counts(key) && tags.is_some_and(|tags| tags.contains_key(key));
    let missing: Vec<String> = required.iter().filter(|key| !has(key)).map(str::to_owned).collect();
    let any = tags.is_some_and(|tags| tags.keys().any(|key| counts(key)));
    if missing.is_empty() && (any || !required.is_empty()) {
        Verdict::Compliant
    } else {
        Verdict::NonCompliant(missing)
    }
}

/// Says which.
pub(super) fn missing_tags(missing: &[String]) -> String {
    if missing.is_empty() {
        "it has no tag".to_owned()
    } else {
        format!("tags missing: {}", missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Read;
    use crate::facts::fixture::throttled;

    fn judge<const N: usize>(keys: &[&str], required: [&str; N]) -> Verdict<Vec<String>> {
        let tags = keys.iter().map(|key| ((*key).to_owned(), String::new())).collect();
        judge_tags(&Fact::Known(tags), &Names::of(required))
    }

    fn missing(keys: &[&str]) -> Verdict<Vec<String>> {
        Verdict::NonCompliant(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    #[test]
    fn without_a_required_key_any_tag_will_do_but_aws_own() {
        assert_eq!(judge(&["owner"], []), Verdict::Compliant);
        assert_eq!(judge(&[], []), missing(&[]));
        assert_eq!(judge(&["aws:cloudformation:stack-name"], []), missing(&[]));
    }

    #[test]
    fn every_required_key_must_be_there_in_its_letter_case() {
        assert_eq!(judge(&["owner", "cost"], ["owner", "cost"]), Verdict::Compliant);
        assert_eq!(judge(&["Owner", "cost"], ["owner", "cost"]), missing(&["owner"]));
        assert_eq!(judge(&["aws:owner"], ["aws:owner"]), missing(&["aws:owner"]));
    }

    #[test]
    fn tags_that_could_not_be_read_are_unknown() {
        let unread = throttled(Read::ListSamlProviderTags);
        let verdict = judge_tags(&Fact::Unknown(unread.clone()), &Names::default());
        assert_eq!(verdict, Verdict::Unknown(unread));
    }

    #[test]
    fn says_which_tags_are_missing() {
        assert_eq!(missing_tags(&[]), "it has no tag");
        assert_eq!(missing_tags(&["owner".to_owned(), "cost".to_owned()]), "tags missing: owner, cost");
    }
}
