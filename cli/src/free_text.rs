//! Texts of people among the arguments.

/// Takes any text, also one that begins with a dash as a list does; but not the next option, where the text was left out.
pub(crate) fn free_text(text: &str) -> Result<String, String> {
    let is_option =
        text.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    if is_option {
        return Err("that is an option, and the text before it is missing".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_begin_with_a_dash_and_an_option_is_none() {
        for text in ["- x", "-", "--", "-- x", "-5", ""] {
            assert_eq!(free_text(text).as_deref(), Ok(text));
        }
        assert!(free_text("--dry-run").is_err());
    }
}
