mod matching;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::date;
use sha2::{Digest, Sha256};

use super::{AccessLevel, Action, Catalogue, ResourceType, Service, TakenType, bundled};

fn bundled() -> &'static Catalogue {
    Catalogue::bundled()
}

fn actions() -> impl Iterator<Item = &'static Action> {
    bundled().services().iter().flat_map(Service::actions)
}

fn header() -> BTreeMap<&'static str, &'static str> {
    let (header, _) = bundled::TEXT.split_once("\n\n").unwrap();
    header.lines().map(|line| line.split_once(' ').unwrap()).collect()
}

#[test]
fn nobody_edited_the_text_by_hand() {
    let (_, body) = bundled::TEXT.split_once("\n\n").unwrap();
    let digest = Sha256::digest(body).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    assert_eq!(digest, header()["sha256"], "change the source in data/actions/update, and run it");
}

#[test]
fn every_line_is_understood() {
    let types = bundled().services().iter().map(|service| service.resource_types().len()).sum::<usize>();
    assert_eq!(bundled().services().len().to_string(), header()["services"]);
    assert_eq!(types.to_string(), header()["resource-types"]);
    assert_eq!(actions().count().to_string(), header()["actions"]);
    assert_eq!(bundled().dated().to_string(), header()["dated"]);
}

/// What was there in October 2026, less a margin for what AWS retires. A source that has lost half of its services
/// agrees with its own header all the same.
#[test]
fn it_is_whole() {
    assert!(bundled().services().len() > 400);
    assert!(actions().count() > 20_000);
    for level in AccessLevel::ALL {
        assert!(actions().filter(|action| action.access_level() == level).count() > 300, "{level}");
    }
}

#[test]
fn services_and_actions_are_in_order_and_there_once() {
    let prefixes: Vec<_> = bundled().services().iter().map(Service::prefix).collect();
    assert!(prefixes.is_sorted_by(|a, b| a < b), "binary search needs it");
    for service in bundled().services() {
        let names: Vec<_> =
            service.actions().iter().map(|action| action.name().to_ascii_lowercase()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{}: binary search needs it", service.prefix());
        let types: BTreeSet<_> =
            service.resource_types().iter().map(|kind| (kind.name, kind.arn_pattern)).collect();
        assert_eq!(types.len(), service.resource_types().len(), "{}", service.prefix());
    }
}

#[test]
fn names_are_plain_ascii() {
    for name in actions().flat_map(|action| [action.service(), action.name()]) {
        assert!(!name.is_empty() && name.is_ascii(), "{name}");
    }
}

#[test]
fn the_types_that_actions_take_are_described_with_their_services() {
    for service in bundled().services() {
        let described: BTreeSet<_> = service.resource_types().iter().map(|kind| kind.name).collect();
        for action in service.actions() {
            let taken: Vec<_> = action.resource_types().map(|taken| taken.name).collect();
            assert!(taken.is_sorted_by(|a, b| a < b), "{action}");
            assert!(taken.iter().all(|name| described.contains(name)), "{action}: {taken:?}");
        }
    }
}

#[test]
fn says_of_an_action_what_the_reference_says() {
    let catalogue = bundled();
    let pass_role = catalogue.action("iam:PassRole").unwrap();
    assert_eq!(pass_role.access_level(), AccessLevel::Write);
    assert_eq!(pass_role.resource_types().collect::<Vec<_>>(), [TakenType { name: "role", required: true }]);
    assert_eq!((pass_role.service(), pass_role.name()), ("iam", "PassRole"));
    assert_eq!(pass_role.to_string(), "iam:PassRole");

    let get_object = catalogue.action("s3:GetObject").unwrap();
    assert_eq!(get_object.access_level(), AccessLevel::Read);
    assert!(get_object.resource_types().any(|taken| taken.name == "object"));

    assert_eq!(catalogue.action("s3:ListAllMyBuckets").unwrap().resource_types().count(), 0);
    for (name, level) in [
        ("iam:ListUsers", AccessLevel::List),
        ("iam:AttachUserPolicy", AccessLevel::PermissionsManagement),
        ("iam:TagUser", AccessLevel::Tagging),
    ] {
        assert_eq!(catalogue.action(name).unwrap().access_level(), level, "{name}");
    }
}

#[test]
fn says_what_a_resource_looks_like() {
    let iam = bundled().service("iam").unwrap();
    assert_eq!(iam.name(), "AWS Identity and Access Management (IAM)");
    let role = ResourceType { name: "role", arn_pattern: "arn:*:iam::*:role/*" };
    assert!(iam.resource_types().contains(&role));

    let formats: Vec<_> = bundled().service("lex").unwrap().resource_types().iter().collect();
    assert_eq!(formats.iter().filter(|kind| kind.name == "bot").count(), 2, "a bot has two formats of ARN");
}

#[test]
fn a_name_is_found_in_any_letter_case() {
    let catalogue = bundled();
    let found = catalogue.action("iam:PassRole");
    assert!(found.is_some());
    for name in ["IAM:passrole", "iam:PASSROLE", "Iam:pAsSrOlE"] {
        assert_eq!(catalogue.action(name), found, "{name}");
    }
    assert_eq!(catalogue.service("IAM").unwrap().prefix(), "iam");
}

#[test]
fn what_is_not_there_is_none() {
    let catalogue = bundled();
    for name in
        ["", ":", "iam", "iam:", "iam:Pass", "iam:PassRole*", "iam:*", ":PassRole", "none:PassRole", "iam:ÿ"]
    {
        assert_eq!(catalogue.action(name), None, "{name}");
    }
    assert!(catalogue.service("ia").is_none());
}

#[test]
fn it_is_stale_from_the_day_after_the_last_permitted_one() {
    let catalogue = Catalogue { dated: date(2026, 10, 27), services: Vec::new() };
    assert!(!catalogue.is_stale(date(2026, 10, 27), 0));
    assert!(!catalogue.is_stale(date(2026, 11, 26), 30));
    assert!(catalogue.is_stale(date(2026, 11, 27), 30));
    assert!(!catalogue.is_stale(date(2026, 10, 1), 0), "a clock that is behind");
}
