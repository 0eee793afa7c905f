use crate::facts::ResourceType;
use crate::identifier::{Arn, PARTITIONS, RoleName, UserName};
use crate::remedy::matches;

/// What to write where a principal is named.
pub(super) const EXAMPLE: &str =
    "write an IAM user's or role's ARN, path included, as `arn:aws:iam::111122223333:user/team/alice`";

/// The ARN of one IAM user or role, just as AWS writes it. Anything else would name nobody, and an entry that
/// names nobody is a promise not kept.
pub(super) fn exact_principal(text: &str) -> Result<Arn, String> {
    let not_one = || format!("`{text}` is not the ARN of an IAM user or role");
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("{}: it holds a space, or a character that is not ASCII", not_one()));
    }
    let arn = Arn::parse(text).map_err(|error| error.to_string())?;
    if !PARTITIONS.contains(&arn.partition_name()) {
        return Err(no_partition(arn.partition_name()));
    }
    let account = arn.account().ok_or_else(not_one)?;
    let prefix = format!("arn:{}:iam::{account}:", arn.partition_name());
    let named = match arn.resource().split_once('/') {
        Some(("user", _)) => UserName::parse(arn.name()).is_ok(),
        Some(("role", _)) => RoleName::parse(arn.name()).is_ok(),
        _ => false,
    };
    if named && text.starts_with(&prefix) { Ok(arn) } else { Err(not_one()) }
}

/// What to write where another resource is named.
pub(super) const RESOURCE_EXAMPLE: &str = "write its ARN, path included, as `arn:aws:iam::111122223333:policy/team/deploy`; for a user or role say `principal`";

/// The ARN of one resource of IAM that is no user or role, just as AWS writes it.
pub(super) fn exact_resource(text: &str) -> Result<(Arn, ResourceType), String> {
    let not_one = || format!("`{text}` is not the ARN of a group, a policy, or whatever else rules judge");
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("{}: it holds a space, or a character that is not ASCII", not_one()));
    }
    let arn = Arn::parse(text).map_err(|error| error.to_string())?;
    if !PARTITIONS.contains(&arn.partition_name()) {
        return Err(no_partition(arn.partition_name()));
    }
    let account = arn.account().ok_or_else(not_one)?;
    let prefix = format!("arn:{}:iam::{account}:", arn.partition_name());
    match ResourceType::of_arn(&arn) {
        Some(ResourceType::User | ResourceType::Role) => {
            Err(format!("`{text}` is a principal, and belongs under `principal`"))
        }
        Some(kind) if text.starts_with(&prefix) && !arn.name().is_empty() => Ok((arn, kind)),
        _ => Err(not_one()),
    }
}

fn no_partition(name: &str) -> String {
    format!("`{name}` is no partition of AWS; they are {}", PARTITIONS.join(", "))
}

/// An ARN in which `*` stands for any characters, if it can be that of an IAM user or role at all.
pub(super) fn pattern(text: &str) -> Result<(), String> {
    if !text.contains('*') {
        return exact_principal(text).map(drop);
    }
    let nobody = |why: &str| Err(format!("no user's or role's ARN is like `{text}`: {why}"));
    if text.len() > 2_048 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return nobody("it is too long, or holds a space or a character that is not ASCII");
    }
    if text.contains('?') {
        return nobody("only `*` is a wildcard");
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    for (index, part) in parts.iter().enumerate() {
        let fits = match index {
            0 => matches(part, "arn"),
            1 => PARTITIONS.into_iter().any(|partition| matches(part, partition)),
            2 => matches(part, "iam"),
            3 => matches(part, ""),
            4 => part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*') && fits_length(part, 12),
            _ => names_users_or_roles(part),
        };
        // With colons missing, a star stands for them, and what follows it may be any later part.
        let may_span = parts.len() < 6 && part.contains('*');
        if may_span {
            return Ok(());
        }
        if !fits && index == 1 {
            return Err(no_partition(part));
        }
        if !fits {
            return nobody("it goes `arn:partition:iam::account:user/…` or `…:role/…`");
        }
    }
    if parts.len() < 6 { nobody("parts are missing") } else { Ok(()) }
}

/// Whether the pattern matches every user, and every role, of the accounts it is about.
pub(super) fn covers(pattern: &str) -> (bool, bool) {
    // No pattern holds this character, so only a star matches it: where this matches, everything does.
    const ANY: &str = "\0";
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let account = match parts.as_slice() {
        [_, _, _, _, account, _] => account.replace('*', ANY),
        _ => ANY.to_owned(),
    };
    let all = |kind: &str| {
        PARTITIONS
            .into_iter()
            .any(|partition| matches(pattern, &format!("arn:{partition}:iam::{account}:{kind}/{ANY}")))
    };
    (all("user"), all("role"))
}

fn fits_length(part: &str, length: usize) -> bool {
    let fixed = part.bytes().filter(|byte| *byte != b'*').count();
    fixed == length || (fixed < length && part.contains('*'))
}

fn names_users_or_roles(resource: &str) -> bool {
    let fixed = resource.split('*').next().unwrap_or_default();
    ["user/", "role/"].iter().any(|kind| {
        fixed.strip_prefix(kind).is_some_and(|rest| !rest.is_empty() || resource.contains('*'))
            || (resource.contains('*') && kind.starts_with(fixed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_user_or_role_written_as_aws_does_is_a_principal() {
        for right in
            ["arn:aws:iam::111122223333:user/alice", "arn:aws-cn:iam::111122223333:role/team/a/deployer"]
        {
            assert!(exact_principal(right).is_ok(), "{right}");
        }
        for wrong in [
            "alice",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:user/team/",
            "arn:aws:iam::111122223333:user",
            "arn:aws:iam::111122223333:User/alice",
            "arn:aws:iam::111122223333:group/team",
            "arn:aws:iam:us-east-1:111122223333:user/alice",
            "arn:aws:iam:111122223333:user/alice",
            "arn:aws:iam::11112222333:user/alice",
            "arn:aws:sts::111122223333:assumed-role/deployer/session",
            "arn:aws:iam::111122223333:user/\u{430}lice",
            "arn:aws:iam::111122223333:user/al\u{ad}ice",
            "arn:aws:iam::1111２２223333:user/alice",
            "arn:aws:iam::111122223333:user/t\u{e9}am/alice",
            "arn:awsx:iam::111122223333:user/alice",
            "arn:AWS:iam::111122223333:user/alice",
        ] {
            assert!(exact_principal(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_partition_that_aws_does_not_have_is_named_beside_those_it_has() {
        for text in ["arn:awsx:iam::111122223333:user/alice", "arn:awsx:iam::111122223333:user/*"] {
            let refusal = pattern(text).unwrap_err();
            assert!(
                refusal.starts_with("`awsx` is no partition of AWS; they are aws, aws-cn, "),
                "{refusal}"
            );
        }
        for partition in PARTITIONS {
            assert!(exact_principal(&format!("arn:{partition}:iam::111122223333:user/alice")).is_ok());
        }
    }

    #[test]
    fn a_pattern_of_everyone_is_told_from_one_of_many() {
        for (pattern, expected) in [
            ("*", (true, true)),
            ("arn:*", (true, true)),
            ("arn:aws:iam::111122223333:*", (true, true)),
            ("arn:aws*:iam::1111*:*", (true, true)),
            ("arn:aws:iam::*:user/*", (true, false)),
            ("arn:*user/*", (true, false)),
            ("*:role/*", (false, true)),
            ("arn:aws-cn:iam::111122223333:r*", (false, true)),
            ("arn:aws:iam::111122223333:user/a*", (false, false)),
            ("arn:aws:iam::111122223333:user/*a", (false, false)),
            ("arn:aws:iam::111122223333:user/team/*", (false, false)),
            ("arn:aws:iam::111122223333:user/alice", (false, false)),
        ] {
            assert_eq!(covers(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_can_match_nobody_is_refused() {
        for right in [
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::111122223333:role/break-glass/*",
            "arn:aws:iam::*:role/break-glass",
            "arn:*:iam::1111*:*",
            "arn:aws-iso*:iam::111122223333:user/*",
            "arn:aws*:iam::111122223333:user/alice",
            "arn:*:role/break-glass",
            "arn:aws:iam::111122223333:*",
            "arn:aws:iam::111122223333:us*",
            "*",
        ] {
            assert_eq!(pattern(right), Ok(()), "{right}");
        }
        for wrong in [
            "arn:aws:sts::111122223333:assumed-role/break-glass/*",
            "arn:aws:iam:111122223333:role/break-glass/*:",
            "arn:aws:iam::11112222333x:role/*",
            "arn:aws:iam::11112222333:role/*",
            "arn:aws:iam::111122223333:roles/*",
            "arn:aws:iam::111122223333:group/*",
            "arn:aws:iam::111122223333:role/glass-?*",
            "arn:aws:iam::111122223333:role/gl\u{e0}ss-*",
            "arn:aws:s3:::bucket/*",
            "arn:awsx:iam::111122223333:user/*",
            "arn:awsx*:iam::111122223333:user/*",
            "break-glass",
        ] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_resource_of_iam_written_as_aws_does_is_one() {
        for right in
            ["arn:aws:iam::111122223333:policy/team/deploy", "arn:aws-cn:iam::111122223333:group/team"]
        {
            assert!(exact_resource(right).is_ok(), "{right}");
        }
        for wrong in [
            "arn:aws:iam:us-east-1:111122223333:policy/deploy",
            "arn:aws:iam::111122223333:policy/",
            "arn:aws:iam::111122223333:policy/team/",
            "arn:aws:iam::111122223333:group/",
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::111122223333:nothing/one",
        ] {
            assert!(exact_resource(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_longer_than_any_arn_is_refused() {
        let long = format!("arn:aws:iam::111122223333:user/{}*", "a".repeat(3_000));
        assert!(pattern(&long).unwrap_err().contains("it is too long"));
    }
}
