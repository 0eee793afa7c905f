//! What a tag says of a user.

use crate::facts::{Unread, User};
use crate::rules::Names;

/// The value of the first of these tags that the user has and that says something. The keys' letter case counts, as it
/// does to AWS.
pub(super) fn tagged<'u>(user: &'u User, keys: &Names) -> Result<Option<&'u str>, &'u Unread> {
    if keys.is_empty() {
        return Ok(None);
    }
    let tags = user.tags.known()?;
    let value = |key: &str| tags.and_then(|tags| tags.get(key)).map(|value| value.trim());
    Ok(keys.iter().filter_map(value).find(|value| !value.is_empty()))
}

/// Whether one of the names is this text, whatever the letter case.
pub(super) fn is_one_of(names: &Names, text: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Fact;
    use crate::facts::Read;
    use crate::facts::fixture::{alice, throttled};

    #[test]
    fn the_first_tag_that_says_something_counts() {
        let keys = Names::of(["a", "b"]);
        assert_eq!(tagged(&alice(), &keys), Ok(None));
        assert_eq!(tagged(&alice().with_tag("a", " ").with_tag("b", " x "), &keys), Ok(Some("x")));
        assert_eq!(tagged(&alice().with_tag("a", "y").with_tag("b", "x"), &keys), Ok(Some("y")));
        assert_eq!(tagged(&alice().with_tag("A", "y"), &keys), Ok(None));
    }

    #[test]
    fn without_a_key_to_look_for_it_does_not_matter_what_is_unknown() {
        let user = User { tags: Fact::Unknown(throttled(Read::GetUser)), ..alice() };
        assert_eq!(tagged(&user, &Names::default()), Ok(None));
        assert_eq!(tagged(&user, &Names::of(["a"])), Err(&throttled(Read::GetUser)));
    }
}
