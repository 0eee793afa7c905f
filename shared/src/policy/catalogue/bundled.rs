//! Reading the text that the program carries.

use std::sync::OnceLock;

use jiff::civil::Date;

use super::{AccessLevel, Action, Catalogue, ResourceType, Service};

/// Written by `data/actions/update`.
pub(super) const TEXT: &str = include_str!("../../../../data/actions/aws.txt");

impl Catalogue {
    /// The catalogue that the program carries, read at the first call.
    pub fn bundled() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| read(TEXT))
    }
}

/// A line that is not understood is left out, as if AWS had no such thing, because a program must not fail on what
/// nothing is judged by. That no line is, the tests hold against the counts in the header.
fn read(text: &'static str) -> Catalogue {
    let (header, body) = text.split_once("\n\n").unwrap_or_default();
    let mut services: Vec<Service> = Vec::new();
    for line in body.lines() {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        if mark == "@" {
            services.extend(rest.split_once(' ').map(|(prefix, name)| Service {
                prefix,
                name,
                resource_types: Vec::new(),
                actions: Vec::new(),
            }));
        } else if let Some(service) = services.last_mut() {
            if mark == ":" {
                let found =
                    rest.split_once(' ').map(|(arn_pattern, name)| ResourceType { name, arn_pattern });
                service.resource_types.extend(found);
            } else if let Some(level) = level(mark) {
                let (name, takes) = rest.split_once(' ').unwrap_or((rest, ""));
                service.actions.push(Action { service: service.prefix, name, level, takes });
            }
        }
    }
    // Without a date it is as stale as can be.
    Catalogue { dated: dated(header).unwrap_or(Date::MIN), services }
}

fn level(mark: &str) -> Option<AccessLevel> {
    Some(match mark {
        "L" => AccessLevel::List,
        "R" => AccessLevel::Read,
        "W" => AccessLevel::Write,
        "P" => AccessLevel::PermissionsManagement,
        "T" => AccessLevel::Tagging,
        _ => return None,
    })
}

fn dated(header: &str) -> Option<Date> {
    header.lines().find_map(|line| line.strip_prefix("dated "))?.parse().ok()
}
