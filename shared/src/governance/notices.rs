use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::contact::{Chat, Contact};
use super::place::{Fields, Place};
use super::principal_pattern::{EXAMPLE, RESOURCE_EXAMPLE, pattern};
use super::problem::Problems;
use super::suggestion::did_you_mean;
use crate::identifier::{Arn, EmailAddress, MailDomain, PARTITIONS};
use crate::remedy::matches;

/// Who is told of what is done to what is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices {
    from: Option<EmailAddress>,
    domains: BTreeSet<MailDomain>,
    owners: Vec<Owner>,
    owner_tags: Vec<String>,
    security_contact: bool,
    fallback: Contact,
    digest: DigestEvery,
}

/// A line of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owner {
    /// An ARN in which `*` stands for any characters.
    of: String,
    contact: Contact,
}

/// How often what may wait is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DigestEvery {
    /// It does not wait.
    #[default]
    None,
    /// Once a day.
    Daily,
}

/// Why a text that came from elsewhere is nobody's address. It does not repeat the text, which may be anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It is something else.
    #[error("holds no e-mail address")]
    Malformed,
    /// It is of a domain that the file does not list.
    #[error("holds an e-mail address of a domain that `notices.domains` does not list")]
    Elsewhere,
}

impl Notices {
    /// Whom mail comes from; no mail leaves where there is none.
    pub fn from(&self) -> Option<&EmailAddress> {
        self.from.as_ref()
    }

    /// Who is told where no owner is known, or could not be told.
    pub fn fallback(&self) -> &Contact {
        &self.fallback
    }

    /// Whether the account's own contact for security stands in for an owner.
    pub fn asks_security_contact(&self) -> bool {
        self.security_contact
    }

    /// How often what may wait is told.
    pub fn digest(&self) -> DigestEvery {
        self.digest
    }

    /// The domains that mail may leave for.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.domains.iter().map(MailDomain::as_str)
    }

    /// The directory: patterns, with whose it is, in the order of the file.
    pub fn owners(&self) -> impl Iterator<Item = (&str, &Contact)> {
        self.owners.iter().map(|owner| (owner.of.as_str(), &owner.contact))
    }

    /// The names of the tags that may name an owner.
    pub fn tags(&self) -> &[String] {
        &self.owner_tags
    }

    /// Whom the file itself names as the owner: of the patterns that match, the first counts.
    pub fn listed(&self, arn: &Arn) -> Option<&Contact> {
        self.owners.iter().find(|owner| matches(&owner.of, arn.as_str())).map(|owner| &owner.contact)
    }

    /// The tags that may name an owner, with their values, in the order of the file. IAM takes `Owner` and `owner` for
    /// one tag (IAM user guide, "Tags for IAM resources").
    pub fn owner_tags<'a>(
        &'a self,
        tags: &'a BTreeMap<String, String>,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.owner_tags.iter().filter_map(|wanted| {
            let value = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?.1;
            Some((wanted.as_str(), value.as_str()))
        })
    }

    /// Whether any tag may name an owner.
    pub fn asks_tags(&self) -> bool {
        !self.owner_tags.is_empty()
    }

    /// The address that a text from outside the file holds. Whoever may write it, a tag, may only choose among those
    /// who are told anyway: mailboxes of the listed domains.
    pub fn address(&self, text: &str) -> Result<EmailAddress, NoAddress> {
        let address = EmailAddress::parse(text).map_err(|_| NoAddress::Malformed)?;
        if self.admits(&address) { Ok(address) } else { Err(NoAddress::Elsewhere) }
    }

    /// Whether mail may leave for this address.
    pub fn admits(&self, address: &EmailAddress) -> bool {
        self.domains.iter().any(|domain| domain.as_str() == address.domain())
    }
}

pub(super) const FIELDS: [&str; 7] =
    ["from", "domains", "owners", "ownerTags", "securityContact", "fallback", "digest"];
pub(super) const OWNER_FIELDS: [&str; 3] = ["principal", "resource", "contact"];
const DIGESTS: [(&str, DigestEvery); 2] = [("none", DigestEvery::None), ("daily", DigestEvery::Daily)];

/// The most characters of a tag's name (IAM API, `Tag`).
const TAG: usize = 128;

/// Reads `notices`.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Option<Notices> {
    let fields = place.fields(&FIELDS, problems)?;
    let domains = match fields.optional("domains") {
        Some(place) => read_domains(place, problems)?,
        None => BTreeSet::new(),
    };
    let from = fields.optional("from").map(|place| read_address(place, problems));
    let owners = fields.optional("owners").map(|place| read_owners(place, &domains, problems));
    let tags = fields.optional("ownerTags").map(|place| read_tags(place, problems));
    let security_contact = fields.optional("securityContact").map(|place| place.boolean(problems));
    let fallback =
        fields.required("fallback", problems).and_then(|place| read_contact(place, &domains, problems));
    let digest = fields.optional("digest").map(|place| read_digest(place, problems));
    if domains.is_empty() != from.is_none() {
        problems.push(fields.problem(
            "`from` and `domains` belong together",
            "write both to send mail, of an identity that SES has verified to the domains you list, or neither",
        ));
        return None;
    }
    if domains.is_empty() && (tags.is_some() || security_contact == Some(Some(true))) {
        problems.push(fields.problem(
            "`ownerTags` and `securityContact` name mailboxes, and no mail may leave",
            "add `from` and `domains`, or take them out",
        ));
        return None;
    }
    Some(Notices {
        from: present(from)?,
        owners: present(owners)?.unwrap_or_default(),
        owner_tags: present(tags)?.unwrap_or_default(),
        security_contact: present(security_contact)?.unwrap_or(!domains.is_empty()),
        fallback: fallback?,
        digest: present(digest)?.unwrap_or_default(),
        domains,
    })
}

/// `None` where a field is there and was refused.
#[expect(clippy::option_option, reason = "a field that is left out is not one that was refused")]
fn present<T>(field: Option<Option<T>>) -> Option<Option<T>> {
    match field {
        Some(read) => read.map(Some),
        None => Some(None),
    }
}

fn read_address(place: &Place<'_>, problems: &mut Problems) -> Option<EmailAddress> {
    match EmailAddress::parse(place.text(problems)?) {
        Ok(address) => Some(address),
        Err(error) => {
            problems.push(place.problem(error.to_string(), "write the address alone, without a name"));
            None
        }
    }
}

fn read_domains(place: &Place<'_>, problems: &mut Problems) -> Option<BTreeSet<MailDomain>> {
    let items = place.items(problems)?;
    if items.is_empty() {
        problems.push(place.problem("no domain is listed", "write one, or take the key out: no mail leaves"));
        return None;
    }
    let read = |item: &Place<'_>, problems: &mut Problems| match MailDomain::parse(item.text(problems)?) {
        Ok(domain) => Some(domain),
        Err(error) => {
            problems
                .push(item.problem(error.to_string(), "write each domain in full; none stands for others"));
            None
        }
    };
    items.iter().map(|item| read(item, problems)).collect()
}

fn read_contact(
    place: &Place<'_>,
    domains: &BTreeSet<MailDomain>,
    problems: &mut Problems,
) -> Option<Contact> {
    let text = place.text(problems)?;
    let contact: Contact = match text.parse() {
        Ok(contact) => contact,
        Err(error) => {
            let chats = Chat::ALL.map(Chat::as_str);
            problems.push(place.problem(
                format!("{error}{}", did_you_mean(text, chats)),
                format!("write an address such as `team@example.com`, or {}", chats.join(" or ")),
            ));
            return None;
        }
    };
    let domain = contact.email().map(EmailAddress::domain);
    if domain.is_some_and(|domain| domains.iter().all(|listed| listed.as_str() != domain)) {
        problems.push(place.problem(
            format!("`{contact}` is of a domain that `notices.domains` does not list"),
            "list its domain, or name another contact: no mail leaves for other domains",
        ));
        return None;
    }
    Some(contact)
}

fn read_owners(
    place: &Place<'_>,
    domains: &BTreeSet<MailDomain>,
    problems: &mut Problems,
) -> Option<Vec<Owner>> {
    let items = place.items(problems)?;
    let read: Vec<Option<Owner>> = items.iter().map(|item| read_owner(item, domains, problems)).collect();
    read.into_iter().collect()
}

fn read_owner(place: &Place<'_>, domains: &BTreeSet<MailDomain>, problems: &mut Problems) -> Option<Owner> {
    let fields = place.fields(&OWNER_FIELDS, problems)?;
    let of = read_pattern(&fields, problems);
    let contact =
        fields.required("contact", problems).and_then(|place| read_contact(place, domains, problems));
    Some(Owner { of: of?, contact: contact? })
}

fn read_pattern(fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let (place, checked, example) = match (fields.optional("principal"), fields.optional("resource")) {
        (Some(place), None) => (place, pattern(place.text(problems)?), EXAMPLE),
        (None, Some(place)) => (place, resource_pattern(place.text(problems)?), RESOURCE_EXAMPLE),
        _ => {
            problems.push(fields.problem(
                "an owner has exactly one of `principal` and `resource`",
                "write a user or role under `principal`, anything else under `resource`",
            ));
            return None;
        }
    };
    match checked {
        Ok(()) => place.text(problems).map(str::to_owned),
        Err(what) => {
            problems.push(place.problem(what, format!("{example}; `*` stands for any characters")));
            None
        }
    }
}

/// An ARN of IAM, or one in which stars stand for parts. What it matches is judged by rules, so a pattern of nothing
/// only leaves a notice to the fallback.
fn resource_pattern(text: &str) -> Result<(), String> {
    let of_iam = |partition: &str| text.strip_prefix(&format!("arn:{partition}:iam::")).is_some();
    let named = text.starts_with('*') || text.starts_with("arn:*") || PARTITIONS.into_iter().any(of_iam);
    if named && text.len() <= 2_048 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(format!("`{text}` is like no ARN of IAM"))
    }
}

fn read_tags(place: &Place<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let items = place.items(problems)?;
    let read = |item: &Place<'_>, problems: &mut Problems| {
        let name = item.text(problems)?;
        if name.chars().count() > TAG {
            let what = format!("no tag's name is longer than {TAG} characters");
            problems.push(item.problem(what, "write the name of a tag"));
            return None;
        }
        Some(name.to_owned())
    };
    items.iter().map(|item| read(item, problems)).collect()
}

fn read_digest(place: &Place<'_>, problems: &mut Problems) -> Option<DigestEvery> {
    let text = place.text(problems)?;
    let found = DIGESTS.iter().find(|(name, _)| *name == text).map(|(_, digest)| *digest);
    if found.is_none() {
        let names = DIGESTS.map(|(name, _)| name);
        problems.push(place.problem(
            format!("`{text}` is not how often a digest is sent{}", did_you_mean(text, names)),
            format!("write one of {}", names.join(", ")),
        ));
    }
    found
}

/// Of the JSON Schema.
pub(super) fn schema() -> Value {
    let contact = |description: &str| {
        json!({
            "description": description,
            "type": "string",
            "pattern": format!("^({})$|^[^@\\s]+@[^@\\s]+$", Chat::ALL.map(Chat::as_str).join("|")),
        })
    };
    let pattern = |description: &str| json!({ "description": description, "type": "string", "minLength": 1 });
    json!({
        "description": "Who is told of what is done. Without it whoever subscribes to the topic of notices is told, and nobody else.",
        "type": "object",
        "additionalProperties": false,
        "required": ["fallback"],
        "properties": {
            "from": {
                "description": "The address that mail comes from, of an identity that SES has verified.",
                "type": "string",
                "pattern": "^[^@\\s]+@[^@\\s]+$",
            },
            "domains": {
                "description": "The domains that mail may leave for, whoever names the address.",
                "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
            },
            "owners": {
                "description": "Whose is what: the first that matches counts, before any tag.",
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["contact"],
                    "properties": {
                        "principal": pattern("An IAM user's or role's ARN; `*` stands for any characters."),
                        "resource": pattern("Another ARN of IAM; `*` stands for any characters."),
                        "contact": contact("An e-mail address, or the chat behind the deployment's webhook."),
                    },
                    "oneOf": [{ "required": ["principal"] }, { "required": ["resource"] }],
                },
            },
            "ownerTags": {
                "description": "Tags of a user or role whose value, an e-mail address, names its owner; the first that does counts.",
                "type": "array", "items": { "type": "string", "minLength": 1, "maxLength": TAG },
            },
            "securityContact": {
                "description": "Whether the account's alternate contact for security is told where no owner is known.",
                "type": "boolean", "default": true,
            },
            "fallback": contact("Who is told where nobody else is known, or could not be told."),
            "digest": {
                "description": "How often plans of `notify` mode and what is left to people are told; all else is told at once.",
                "enum": DIGESTS.map(|(name, _)| name), "default": "none",
            },
        },
    })
}

#[cfg(test)]
mod tests;
