use super::super::moment::Moment;

/// A text as YAML, without quotes where every reader of YAML takes it for this text and nothing else.
pub(super) fn scalar(text: &str) -> String {
    if Moment::read(text).is_some() || is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes. JSON's strings are YAML's (YAML 1.2, section 1.2).
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Words that some reader of YAML takes for something else than a text (YAML 1.1, "Regexp" of `bool` and `null`).
const NO_TEXTS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];

/// Letters first, and nothing that may end a plain scalar or make it something else.
fn is_plain(text: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || " _./@+:,()-".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(harmless)
        && !text.contains(": ")
        && !text.contains("  ")
        && !text.ends_with([':', ' '])
        && !NO_TEXTS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_stays_plain_and_all_else_is_quoted() {
        for plain in
            ["SEC-1234", "ann@example.com", "it cannot be helped, yet", "arn:aws:iam::1:user/a", "2027-01-31"]
        {
            assert_eq!(scalar(plain), plain);
        }
        for (text, written) in [
            ("yes", r#""yes""#),
            ("NULL", r#""NULL""#),
            ("1234", r#""1234""#),
            ("", r#""""#),
            ("a: b", r#""a: b""#),
            ("a #b", r##""a #b""##),
            ("a:", r#""a:""#),
            ("- a", r#""- a""#),
            ("&a", r#""&a""#),
            ("say \"no\" to \\", r#""say \"no\" to \\""#),
            ("a\nb", r#""a\nb""#),
            ("Zürich", "\"Zürich\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }
}
