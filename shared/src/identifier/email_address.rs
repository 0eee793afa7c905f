use super::{IdentifierError, string_identifier};

/// The address of a mailbox, such as `ann@example.com`: nothing but, so that it can stand in a header as it is.
///
/// Far fewer than RFC 5322 allows. There is no name beside it, no comment, no quoting, no second address, nothing but
/// ASCII, and nothing that could end a line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// The longest address (RFC 5321, section 4.5.3.1.3, without its brackets).
const LONGEST: usize = 254;
/// The longest part before the `@` (RFC 5321, section 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

impl EmailAddress {
    /// Reads an address. Its domain is kept in lower case.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let refused = || IdentifierError::new(text, "an e-mail address such as `ann@example.com`");
        let (local, domain) = text.split_once('@').ok_or_else(refused)?;
        if text.len() <= LONGEST && is_local_part(local) && is_domain(domain) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(refused())
        }
    }

    /// What stands behind the `@`, in lower case.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

string_identifier!(EmailAddress);

/// A domain of mailboxes, such as `example.com`, in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailDomain(String);

impl MailDomain {
    /// Reads a domain: of two labels at least, ASCII.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if is_domain(text) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(IdentifierError::new(text, "a domain such as `example.com`"))
        }
    }
}

string_identifier!(MailDomain);

fn is_local_part(text: &str) -> bool {
    let of_an_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-='".contains(&byte);
    text.len() <= LONGEST_LOCAL_PART
        && text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(of_an_atom))
}

/// Labels as in RFC 1035, section 2.3.4, the last of them no number: no address in brackets, no bare host.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= LONGEST
        && text.contains('.')
        && text.split('.').all(is_label)
        && text.rsplit('.').next().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_mailbox_at_a_domain_and_nothing_else() {
        for right in
            ["ann@example.com", "a.b+c_d-e='f@mail.example.co.uk", "a@1.example", "A@xn--bcher-kva.example"]
        {
            assert!(EmailAddress::parse(right).is_ok(), "{right}");
        }
        let long = "a".repeat(10_000);
        for wrong in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@example",
            "ann@.com",
            "ann@example..com",
            "ann@-example.com",
            "ann@127.0.0.1",
            "ann@[127.0.0.1]",
            "ann@example.com@evil.com",
            "ann@example.com,eve@evil.com",
            "ann@example.com eve@evil.com",
            "ann@example.com;eve@evil.com",
            "\"ann@example.com\"@evil.com",
            "Ann <ann@example.com>",
            "<ann@example.com>",
            "ann(comment)@example.com",
            "ann@example.com\r\nBcc: eve@evil.com",
            "ann@example.com\n",
            " ann@example.com",
            "ann@example.com ",
            "ann@example.com\0",
            ".ann@example.com",
            "ann.@example.com",
            "a..b@example.com",
            "ann%eve@example.com",
            "ann!eve@example.com",
            "änn@example.com",
            "ann@exämple.com",
            "ann@ex\u{430}mple.com",
            "ann\u{202e}@example.com",
            "ann@example\u{3002}com",
            "ann＠example.com",
            "=?utf-8?q?ann?=@example.com",
            &format!("{}@example.com", "a".repeat(65)),
            &format!("ann@{}.com", "a".repeat(64)),
            &format!("{long}@example.com"),
            &format!("ann@{long}.com"),
            &long,
        ] {
            assert!(EmailAddress::parse(wrong).is_err(), "{wrong:.100}");
        }
    }

    #[test]
    fn the_domain_alone_knows_no_case() {
        let address = EmailAddress::parse("Ann@Example.COM").unwrap();
        assert_eq!((address.as_str(), address.domain()), ("Ann@example.com", "example.com"));
        assert_eq!(MailDomain::parse("Example.com").unwrap().as_str(), "example.com");
        assert!(MailDomain::parse("*.example.com").is_err() && MailDomain::parse("@example.com").is_err());
    }
}
