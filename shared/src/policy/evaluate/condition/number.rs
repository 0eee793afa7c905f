use std::cmp::Ordering;

/// How two numbers stand to each other, if both are numbers.
pub(super) fn order(a: &str, b: &str) -> Option<Ordering> {
    // Whole numbers are compared as such: a float would take two large ones for the same.
    match (a.parse::<i128>(), b.parse::<i128>()) {
        (Ok(a), Ok(b)) => Some(a.cmp(&b)),
        _ => decimal(a)?.partial_cmp(&decimal(b)?),
    }
}

fn decimal(text: &str) -> Option<f64> {
    // `inf` and `NaN` are words to Rust, but no numbers to AWS.
    let numeric = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    text.bytes().all(numeric).then(|| text.parse().ok())?
}
