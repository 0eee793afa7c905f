//! What the JSON reader says of a wrong value, in words of JSON and without this program's names for it.

/// A reader's message, such as ``invalid type: sequence, expected struct User at line 1 column 2``.
pub(super) fn worded(said: &str) -> String {
    let Some((given, expected)) = said.rsplit_once(", expected ") else { return said.to_owned() };
    let given = match given {
        "invalid type: map" => "invalid type: object",
        "invalid type: sequence" => "invalid type: list",
        other => other,
    };
    let expected = [("a sequence", "a list"), ("a map", "an object"), ("u32", "a whole number from 0")]
        .into_iter()
        .find_map(|(theirs, ours)| Some(format!("{ours}{}", expected.strip_prefix(theirs)?)))
        .or_else(|| {
            let (_, place) = expected.strip_prefix("struct ")?.split_once(' ')?;
            Some(format!("an object {place}"))
        })
        .unwrap_or_else(|| expected.to_owned());
    format!("{given}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_what_json_has() {
        for (said, worded_as) in [
            (
                "invalid type: map, expected a sequence at line 1",
                "invalid type: object, expected a list at line 1",
            ),
            (
                "invalid type: sequence, expected a map at line 1",
                "invalid type: list, expected an object at line 1",
            ),
            (
                "invalid type: string \"a map\", expected struct User at line 1",
                "invalid type: string \"a map\", expected an object at line 1",
            ),
            (
                "invalid value: integer `-7`, expected u32",
                "invalid value: integer `-7`, expected a whole number from 0",
            ),
            ("unknown field `x`, expected `a` or `b`", "unknown field `x`, expected `a` or `b`"),
            ("missing field `name`", "missing field `name`"),
        ] {
            assert_eq!(worded(said), worded_as);
        }
    }
}
