//! What it means for one value of the request to match one value of the policy, for each type of operator. All of these
//! answer "no" when either value is not of the type.

use std::net::IpAddr;

use super::glob::{self, Piece};

/// A decimal number: sign, digits, and perhaps a point and more digits.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.chars().all(|char| char.is_ascii_digit());
    if all_digits(whole) && all_digits(fraction) { text.parse().ok() } else { None }
}

/// Nanoseconds since 1970, from epoch seconds or ISO 8601 (a date alone is its midnight in UTC).
pub(super) fn date(text: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.chars().all(|char| char.is_ascii_digit()) {
        return Some(text.parse::<i128>().ok()? * SECOND);
    }
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let days_before = |year: i128| 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let days = days_before(year) - days_before(1970)
        + (1..month).map(|month| days_in(year, month)).sum::<i128>()
        + day
        - 1;
    let nanoseconds = match time {
        Some(time) => time_of_day(time)?,
        None => 0,
    };
    Some(days * 86_400 * SECOND + nanoseconds)
}

/// Nanoseconds since midnight UTC of `12:30Z`, `12:30:15.5+02:00` and the like.
fn time_of_day(text: &str) -> Option<i128> {
    let zone_at = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = match clock.len() {
        5 => numbers(&format!("{clock}:00"), ':', [2, 2, 2])?,
        _ => numbers(clock, ':', [2, 2, 2])?,
    };
    if hour > 23 || minute > 59 || second > 59 || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").parse::<u32>().ok()?;
    let offset = if zone == "Z" {
        0
    } else {
        let [hours, minutes] = numbers(zone.trim_start_matches(['+', '-']), ':', [2, 2])?;
        if hours > 23 || minutes > 59 {
            return None;
        }
        (hours * 3600 + minutes * 60) * if zone.starts_with('-') { -1 } else { 1 }
    };
    let seconds = hour * 3600 + minute * 60 + second - offset;
    Some(seconds * 1_000_000_000 + i128::from(nanoseconds))
}

fn numbers<const N: usize>(text: &str, between: char, widths: [usize; N]) -> Option<[i128; N]> {
    let parts: Vec<&str> = text.split(between).collect();
    let mut numbers = [0; N];
    if parts.len() != N {
        return None;
    }
    for ((number, part), width) in numbers.iter_mut().zip(parts).zip(widths) {
        if part.len() != width || !part.chars().all(|char| char.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    Some(numbers)
}

fn days_in(year: i128, month: i128) -> i128 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `true` or `false` in any letter case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The bytes of standard base64, with its padding or without. Bits that are left over mean nothing.
pub(super) fn binary(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let unpadded = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let mut bits = Vec::new();
    for char in unpadded.chars() {
        let six = ALPHABET.find(char)?;
        bits.extend((0..6).rev().map(|bit| six >> bit & 1 == 1));
    }
    let bytes = bits.chunks_exact(8);
    if bytes.remainder().len() > 4 {
        return None;
    }
    Some(bytes.map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect())
}

/// Whether an address lies in a range, or is the single address given.
pub(super) fn in_range(range: &str, address: &str) -> bool {
    let (base, length) = match range.split_once('/') {
        Some((base, length)) => (base, Some(length)),
        None => (range, None),
    };
    let (Some(base), Some(address)) = (bits(base), bits(address)) else {
        return false;
    };
    let length = match length {
        None => base.len(),
        Some(length) => match length.parse::<usize>() {
            Ok(length) if length <= base.len() => length,
            _ => return false,
        },
    };
    base.len() == address.len() && base.chars().zip(address.chars()).take(length).all(|(a, b)| a == b)
}

/// An address as its 32 or 128 binary digits.
fn bits(address: &str) -> Option<String> {
    Some(match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => format!("{:032b}", u32::from(address)),
        IpAddr::V6(address) => format!("{:0128b}", u128::from(address)),
    })
}

/// Whether an ARN is of a pattern, each of the six parts by itself; only the sixth may hold colons.
pub(super) fn arn(pattern: &[Piece], text: &str) -> bool {
    let patterns: Vec<&[Piece]> = pattern.splitn(6, |piece| *piece == Piece::Is(':')).collect();
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    patterns.len() == 6
        && parts.len() == 6
        && parts[0] == "arn"
        && patterns.iter().zip(parts).all(|(pattern, part)| glob::matches(pattern, part))
}
