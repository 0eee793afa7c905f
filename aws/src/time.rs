use aws_sdk_iam::primitives::DateTime;
use jiff::Timestamp;

/// The SDK's time as the engine's; `None` beyond the years either knows.
///
/// To the millisecond, the finest that AWS gives: Config sends floating-point seconds, which are a little off.
pub(crate) fn from_sdk(time: &DateTime) -> Option<Timestamp> {
    let millis = time.as_nanos().checked_add(500_000)?.div_euclid(1_000_000);
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
}

/// The engine's time as the SDK's.
pub(crate) fn to_sdk(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_survives_the_way_there_and_back() {
        let time: Timestamp = "2026-11-20T09:14:03.217Z".parse().unwrap();
        assert_eq!(from_sdk(&to_sdk(time)), Some(time));
        assert_eq!(from_sdk(&DateTime::from_secs_f64(1_795_166_043.217)), Some(time));
    }
}
