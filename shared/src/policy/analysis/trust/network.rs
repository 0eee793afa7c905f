use std::net::IpAddr;

/// Whether an address range is so wide that it must be taken to hold strangers: wider than /8, or than /32 of IPv6.
/// Text that is no range holds nobody, but a wildcard does.
///
/// Source: Amazon S3 User Guide, "The meaning of public", which draws this line for `aws:SourceIp`.
pub(super) fn holds_strangers(range: &str) -> bool {
    if range.contains(['*', '?']) {
        return true;
    }
    let (address, length) = match range.split_once('/') {
        Some((address, length)) => (address, length.parse::<u8>().ok()),
        None => (range, Some(128)),
    };
    let Some(length) = length else { return false };
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => length < 8,
        Ok(IpAddr::V6(_)) => length < 32,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_wider_than_a_network_operator_has_is_the_internet() {
        for (range, expected) in [
            ("0.0.0.0/0", true),
            ("128.0.0.0/1", true),
            ("::/0", true),
            ("2000::/3", true),
            ("*", true),
            ("203.0.113.0/24", false),
            ("203.0.113.7", false),
            ("10.0.0.0/8", false),
            ("2001:db8::/32", false),
            ("2001:db8::1", false),
            ("nonsense", false),
            ("203.0.113.0/x", false),
        ] {
            assert_eq!(holds_strangers(range), expected, "{range}");
        }
    }
}
