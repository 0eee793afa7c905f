use super::*;
use crate::governance::Governance;

const WHOLE: &str = r#"
notices:
  from: bailiff@example.com
  domains: [example.com, Mail.Example.org]
  owners:
    - { principal: "arn:aws:iam::111122223333:role/payments/*", contact: payments@example.com }
    - { principal: "arn:aws:iam::111122223333:role/*", contact: slack }
    - { resource: "arn:aws:iam::111122223333:policy/*", contact: policies@mail.example.org }
  ownerTags: [owner, contact]
  fallback: security@example.com
  digest: daily
"#;

fn notices(text: &str) -> Result<Option<Notices>, String> {
    Governance::parse(&format!("version: 1\n{text}"))
        .map(|governance| governance.notices().cloned())
        .map_err(|errors| errors.to_string())
}

fn whole() -> Notices {
    notices(WHOLE).unwrap().unwrap()
}

fn arn(resource: &str) -> Arn {
    Arn::parse(&format!("arn:aws:iam::111122223333:{resource}")).unwrap()
}

#[test]
fn nothing_written_is_nobody_told() {
    assert_eq!(notices(""), Ok(None));
}

#[test]
fn of_the_owners_that_match_the_first_counts() {
    let notices = whole();
    let listed = |resource: &str| notices.listed(&arn(resource)).map(ToString::to_string);
    assert_eq!(listed("role/payments/deploy").as_deref(), Some("payments@example.com"));
    assert_eq!(listed("role/other").as_deref(), Some("slack"));
    assert_eq!(listed("policy/deploy").as_deref(), Some("policies@mail.example.org"));
    assert_eq!(listed("user/ann"), None);
}

#[test]
fn a_tag_names_a_mailbox_of_a_listed_domain_or_nobody() {
    let notices = whole();
    let long = "a".repeat(10_000);
    for (value, found) in [
        ("ann@example.com", Ok("ann@example.com")),
        ("ann@EXAMPLE.COM", Ok("ann@example.com")),
        ("ann@mail.example.org", Ok("ann@mail.example.org")),
        ("eve@evil.com", Err(NoAddress::Elsewhere)),
        ("eve@evil.example.com", Err(NoAddress::Elsewhere)),
        ("eve@example.com.evil.com", Err(NoAddress::Elsewhere)),
        ("eve@example.org", Err(NoAddress::Elsewhere)),
        ("eve@xexample.com", Err(NoAddress::Elsewhere)),
        ("Ann Example <ann@example.com>", Err(NoAddress::Malformed)),
        ("ann@example.com <eve@evil.com>", Err(NoAddress::Malformed)),
        ("ann@example.com, eve@evil.com", Err(NoAddress::Malformed)),
        ("ann@example.com\r\nBcc: eve@evil.com", Err(NoAddress::Malformed)),
        ("ann@example.com%0d%0aBcc:eve@evil.com", Err(NoAddress::Malformed)),
        ("eve@evil.com@example.com", Err(NoAddress::Malformed)),
        ("\u{202e}ann@example.com", Err(NoAddress::Malformed)),
        ("ann@ex\u{430}mple.com", Err(NoAddress::Malformed)),
        ("slack", Err(NoAddress::Malformed)),
        ("teams", Err(NoAddress::Malformed)),
        ("*", Err(NoAddress::Malformed)),
        ("", Err(NoAddress::Malformed)),
        (&long, Err(NoAddress::Malformed)),
    ] {
        let said = notices.address(value).map(|address| address.to_string());
        assert_eq!(said.as_deref(), found.as_ref().copied(), "{value:.100}");
    }
}

#[test]
fn tags_are_asked_in_the_order_of_the_file_whatever_their_case() {
    let tags = BTreeMap::from(
        [("Contact", "b@example.com"), ("OWNER", "team a"), ("other", "c")]
            .map(|(k, v)| (k.into(), v.into())),
    );
    let notices = whole();
    let asked: Vec<_> = notices.owner_tags(&tags).collect();
    assert_eq!(asked, [("owner", "team a"), ("contact", "b@example.com")]);
}

#[test]
fn what_is_not_named_has_its_default() {
    let few = notices("notices: { fallback: teams }").unwrap().unwrap();
    assert_eq!((few.from(), few.fallback()), (None, &Contact::Chat(Chat::Teams)));
    assert_eq!(
        (few.digest(), few.asks_tags(), few.asks_security_contact()),
        (DigestEvery::None, false, false)
    );
    assert!(whole().asks_security_contact(), "where mail may leave at all");
    let without =
        notices(&WHOLE.replace("  fallback", "  securityContact: false\n  fallback")).unwrap().unwrap();
    assert!(!without.asks_security_contact());
}

#[test]
fn what_would_tell_nobody_or_anybody_is_refused() {
    let with = |from: &str, to: &str| WHOLE.replace(from, to);
    for (wrong, why) in [
        ("notices: {}".to_owned(), "`notices.fallback`: the field is missing"),
        ("notices: []".to_owned(), "mapping"),
        (with("fallback:", "fallbak:"), "did you mean `fallback`?"),
        (
            with("security@example.com", "security@evil.com"),
            "`notices.fallback`: `security@evil.com` is of a domain",
        ),
        (with("payments@example.com", "payments@evil.com"), "`notices.owners[0].contact`"),
        (with("contact: slack", "contact: slak"), "did you mean `slack`?"),
        (
            with("contact: slack", "contact: https://hooks.slack.com/services/a/b/c"),
            "neither an e-mail address",
        ),
        (with("bailiff@example.com", "Bailiff <bailiff@example.com>"), "without a name"),
        (with("  from: bailiff@example.com\n", ""), "`from` and `domains` belong together"),
        (with("  domains: [example.com, Mail.Example.org]\n", ""), "does not list"),
        (with("[example.com, Mail.Example.org]", "[]"), "no domain is listed"),
        (with("[example.com, Mail.Example.org]", "[\"*.example.com\"]"), "none stands for others"),
        (with("[owner, contact]", "owner"), "list"),
        (with("[owner, contact]", "[7]"), "in quotes"),
        (with("contact]", &format!("{}]", "c".repeat(129))), "no tag's name is longer than 128 characters"),
        (with("digest: daily", "digest: hourly"), "`hourly` is not how often"),
        (with("principal: \"arn:aws:iam::111122223333:role/*\"", "principal: everyone"), "is not"),
        (with("principal: \"arn:aws:iam::111122223333:role/*\", ", ""), "exactly one of"),
        (
            with("resource: \"arn:aws:iam::111122223333:policy/*\"", "resource: \"arn:aws:s3:::b\""),
            "like no ARN",
        ),
        ("notices: { fallback: slack, ownerTags: [owner] }".to_owned(), "no mail may leave"),
    ] {
        let said = notices(&wrong).unwrap_err();
        assert!(said.contains(why), "{wrong}: {said}");
        assert!(said.starts_with("line "), "{said}");
    }
}

#[test]
fn an_owners_resource_is_an_arn_of_iam_or_begins_with_a_star_for_one() {
    for right in ["*", "*:policy/team", "arn:*:policy/team", "arn:aws:iam::111122223333:policy/*"] {
        assert_eq!(resource_pattern(right), Ok(()), "{right}");
    }
    for wrong in ["", "arn:aws:s3:::bucket", "policy/team", "arn:aws:iam::111122223333:policy/te am"] {
        assert!(resource_pattern(wrong).is_err(), "{wrong}");
    }
}
