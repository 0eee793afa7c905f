/// ` (did you mean …?)` where a candidate is close to what was written, nothing otherwise.
pub(crate) fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    // A hostile key of a megabyte is not worth a comparison.
    if written.len() > 128 {
        return String::new();
    }
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::jaro_winkler(&written.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| format!(" (did you mean `{candidate}`?)"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_a_stranger_is_not() {
        assert_eq!(did_you_mean("exemption", ["exemptions", "rules"]), " (did you mean `exemptions`?)");
        assert_eq!(did_you_mean("zebra", ["exemptions", "rules"]), "");
    }

    #[test]
    fn a_hostile_key_is_not_compared_however_close_it_is() {
        let (near, far) = ("s".repeat(128), "s".repeat(130));
        assert_ne!(did_you_mean(&near, [far.as_str()]), "");
        assert_eq!(did_you_mean(&far, [far.as_str()]), "");
    }
}
