//! What an account file's shape alone does not tell: two things of one name, a group nobody declared.

use std::collections::{BTreeMap, BTreeSet};

use super::{AccountFile, AccountFileError, InlinePolicy};

pub(super) fn check(file: &AccountFile) -> Result<(), AccountFileError> {
    let mut ids = BTreeMap::new();
    let mut names = BTreeMap::new();
    for (index, user) in file.users.iter().enumerate() {
        let at = format!("users[{index}]");
        check_path(&at, &user.path)?;
        // IAM keeps the case of names and tells none apart by it.
        once(&mut names, format!("user {}", user.name.as_str().to_lowercase()), format!("{at}.name"))?;
        if let Some(id) = &user.id {
            once(&mut ids, id.to_string(), format!("{at}.id"))?;
        }
        check_inline(&at, &user.inline_policies)?;
        for (number, key) in user.access_keys.iter().enumerate() {
            if let Some(id) = &key.id {
                once(&mut ids, id.as_str().to_owned(), format!("{at}.accessKeys[{number}].id"))?;
            }
        }
        if let Some(group) =
            user.groups.iter().find(|name| !file.groups.iter().any(|group| group.name == **name))
        {
            return Err(AccountFileError {
                path: format!("{at}.groups"),
                what: format!("there is no group `{group}` in `groups`; add it there"),
            });
        }
    }
    for (index, role) in file.roles.iter().enumerate() {
        let at = format!("roles[{index}]");
        check_path(&at, &role.path)?;
        once(&mut names, format!("role {}", role.name.as_str().to_lowercase()), format!("{at}.name"))?;
        if let Some(id) = &role.id {
            once(&mut ids, id.to_string(), format!("{at}.id"))?;
        }
        check_inline(&at, &role.inline_policies)?;
    }
    for (index, group) in file.groups.iter().enumerate() {
        let at = format!("groups[{index}]");
        check_path(&at, &group.path)?;
        once(&mut names, format!("group {}", group.name.as_str().to_lowercase()), format!("{at}.name"))?;
        check_inline(&at, &group.inline_policies)?;
    }
    for (index, policy) in file.policies.iter().enumerate() {
        let at = format!("policies[{index}]");
        check_path(&at, &policy.path)?;
        once(&mut names, format!("policy {}", policy.name.as_str().to_lowercase()), format!("{at}.name"))?;
    }
    for (index, policy) in file.aws_managed_policies.iter().enumerate() {
        let at = format!("awsManagedPolicies[{index}].arn");
        if !policy.arn.is_aws_managed() {
            let what = format!("`{}` is not AWS's; it belongs in `policies`", policy.arn);
            return Err(AccountFileError { path: at, what });
        }
        once(&mut names, policy.arn.to_string(), at)?;
    }
    for (index, certificate) in file.server_certificates.iter().enumerate() {
        let at = format!("serverCertificates[{index}]");
        check_path(&at, &certificate.path)?;
        let name = certificate.name.as_str().to_lowercase();
        once(&mut names, format!("certificate {name}"), format!("{at}.name"))?;
    }
    for (index, provider) in file.identity_providers.iter().enumerate() {
        let at = format!("identityProviders[{index}].name");
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
        if provider.name.is_empty() || !provider.name.bytes().all(legal) {
            return Err(AccountFileError {
                what: format!(
                    "`{}` is neither a provider's name nor a URL without `https://`",
                    provider.name
                ),
                path: at,
            });
        }
        once(&mut names, format!("{:?} provider {}", provider.protocol, provider.name), at)?;
    }
    Ok(())
}

fn once(seen: &mut BTreeMap<String, String>, what: String, path: String) -> Result<(), AccountFileError> {
    if let Some(first) = seen.get(&what) {
        return Err(AccountFileError {
            what: format!("`{first}` is the same already; each may be there once"),
            path,
        });
    }
    seen.insert(what, path);
    Ok(())
}

fn check_path(at: &str, path: &str) -> Result<(), AccountFileError> {
    let well_formed = path == "/" || (path.len() > 2 && path.starts_with('/') && path.ends_with('/'));
    if well_formed && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(AccountFileError {
            path: format!("{at}.path"),
            what: format!("`{path}` is not a path; it begins and ends with `/`, as `/team/` does"),
        })
    }
}

fn check_inline(at: &str, policies: &[InlinePolicy]) -> Result<(), AccountFileError> {
    let mut seen = BTreeSet::new();
    match policies.iter().position(|policy| !seen.insert(&policy.name)) {
        Some(index) => Err(AccountFileError {
            path: format!("{at}.inlinePolicies[{index}].name"),
            what: "an inline policy of that name is there already".to_owned(),
        }),
        None => Ok(()),
    }
}
