use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address lies in a range such as `203.0.113.0/24`, or is the one address that is given in its place.
pub(super) fn is_in(address: &str, range: &str) -> bool {
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, Some(length)),
        None => (range, None),
    };
    match (address.parse(), network.parse()) {
        (Ok(IpAddr::V4(address)), Ok(IpAddr::V4(network))) => {
            prefix(length, Ipv4Addr::BITS).is_some_and(|prefix| {
                let host_bits = Ipv4Addr::BITS - prefix;
                (address.to_bits() ^ network.to_bits()).checked_shr(host_bits).unwrap_or(0) == 0
            })
        }
        (Ok(IpAddr::V6(address)), Ok(IpAddr::V6(network))) => {
            prefix(length, Ipv6Addr::BITS).is_some_and(|prefix| {
                let host_bits = Ipv6Addr::BITS - prefix;
                (address.to_bits() ^ network.to_bits()).checked_shr(host_bits).unwrap_or(0) == 0
            })
        }
        _ => false,
    }
}

/// A prefix length; all bits where none is written.
fn prefix(length: Option<&str>, bits: u32) -> Option<u32> {
    match length {
        None => Some(bits),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok().filter(|length| *length <= bits)
        }
        Some(_) => None,
    }
}
