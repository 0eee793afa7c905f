use super::*;
use crate::rules::find;

fn entry(id: &str) -> &'static Entry {
    find(RuleId::parse(id).unwrap()).unwrap()
}

fn items() -> impl Iterator<Item = (Framework, Item)> {
    Framework::ALL
        .into_iter()
        .flat_map(|framework| framework.items().into_iter().map(move |item| (framework, item)))
}

#[test]
fn a_framework_is_found_by_its_name_alone() {
    for framework in Framework::ALL {
        assert_eq!(Framework::parse(framework.as_str()), Some(framework));
    }
    assert_eq!(Framework::parse("cis"), None);
}

#[test]
fn cis_and_security_hub_number_their_items_without_a_gap() {
    let ids = |framework: Framework| framework.items().into_iter().map(|item| item.id).collect::<Vec<_>>();
    let numbered = |stem: &str, last| (1..=last).map(|n| format!("{stem}.{n}")).collect::<Vec<_>>();
    assert_eq!(ids(Framework::Cis5), numbered("1", 21));
    assert_eq!(ids(Framework::Cis3), numbered("1", 22));
    let hub = [numbered("IAM", 28), numbered("Account", 1), numbered("KMS", 2)].concat();
    assert_eq!(ids(Framework::SecurityHub), hub);
}

#[test]
fn the_managed_rules_are_24_in_alphabetical_order_and_those_beside_are_not_counted() {
    let items = Framework::AwsManaged.items();
    assert!(items.is_sorted_by(|a, b| a.id < b.id));
    assert_eq!(items.iter().filter(|item| matches!(item.standing, Standing::Automatable)).count(), 24);
    assert_eq!(Framework::AwsManaged.coverage().summary.automatable, 24);
}

#[test]
fn every_item_is_listed_once_in_its_order_and_counted_once() {
    for framework in Framework::ALL {
        let coverage = framework.coverage();
        let listed: Vec<&str> = coverage.items.iter().map(|item| item.id).collect();
        assert_eq!(listed, framework.items().iter().map(|item| item.id).collect::<Vec<_>>());
        let Summary { automatable, covered, partly_covered, manual, not_counted, .. } = coverage.summary;
        assert_eq!(automatable + manual + not_counted, listed.len(), "{framework:?}");
        assert!(partly_covered <= covered && covered <= automatable, "{framework:?}");
    }
}

#[test]
fn what_is_said_of_an_item_is_whole_sentences_on_one_line() {
    for (framework, item) in items() {
        assert!(!item.title.ends_with('.') && !item.title.contains(['\n', '|']), "{framework:?} {}", item.id);
        let said: &[&str] = match &item.standing {
            Standing::Automatable => &[],
            Standing::InPart(why) | Standing::NotCounted(why) => &[why],
            Standing::Manual { why, person } => &[why, person],
        };
        for said in said {
            assert!(said.ends_with('.') && !said.contains(['\n', '|']), "{framework:?} {}: {said}", item.id);
        }
    }
}

/// A rule that says it checks a control of a framework listed here, and misspells it, would be missed silently.
#[test]
fn every_control_that_a_rule_claims_is_an_item() {
    for rule in RULES {
        let meta = &rule.meta;
        for framework in Framework::ALL {
            let items = framework.items();
            for claimed in framework.claimed(meta) {
                assert!(
                    items.iter().any(|item| item.id == claimed),
                    "{}: {} has no item `{claimed}` in shared/src/coverage",
                    meta.id,
                    framework.as_str()
                );
            }
        }
        for control in meta.controls.iter().filter(|control| control.starts_with("CIS")) {
            assert!(
                control.starts_with("CIS-3.0:") || control.starts_with("CIS-5.0:"),
                "{}: {control}",
                meta.id
            );
        }
    }
}

#[test]
fn no_rule_claims_what_is_said_to_be_for_people() {
    for framework in Framework::ALL {
        for item in framework.coverage().items {
            assert!(
                item.status != Status::Manual || item.rules.is_empty(),
                "{:?} claim {} {}, which shared/src/coverage calls manual: one of them is wrong",
                item.rules,
                framework.as_str(),
                item.id
            );
        }
    }
}

#[test]
fn what_cis_5_shares_with_cis_3_is_claimed_for_both() {
    for rule in RULES {
        let numbers = |framework: Framework| {
            let mut titles: Vec<&str> = framework
                .coverage()
                .items
                .iter()
                .filter(|item| item.rules.contains(&rule.meta.id))
                .map(|item| item.title)
                .collect();
            titles.sort_unstable();
            titles
        };
        assert_eq!(numbers(Framework::Cis3), numbers(Framework::Cis5), "{}", rule.meta.id);
    }
}

/// A misspelt limit would hold for ever.
#[test]
fn a_limit_is_a_parameter_of_a_rule_that_covers_the_item() {
    for (framework, item) in items() {
        let coverage = framework.coverage();
        let rules = &coverage.items.iter().find(|covered| covered.id == item.id).unwrap().rules;
        for (name, _) in item.limits {
            let takes = |rule: &RuleId| find(*rule).unwrap().parameter_names.contains(name);
            assert!(rules.is_empty() || rules.iter().any(takes), "{framework:?} {}: {name}", item.id);
        }
    }
}

#[test]
fn an_item_is_covered_where_a_rule_claims_it_and_only_there() {
    let age = [entry("access-key-age")];
    let item = Item::automatable("1.13", "Keys are young");
    let covered = item.covered_by(&age);
    assert_eq!((covered.status, covered.rules), (Status::Covered, vec![age[0].meta.id]));
    assert_eq!(item.covered_by(&[]).status, Status::NotCovered);
}

#[test]
fn what_rules_leave_open_is_said_once_there_are_any() {
    let item = Item::standing("1.19", "Everywhere", Standing::InPart("Elsewhere."));
    let covered = item.covered_by(&[entry("access-key-age")]);
    assert_eq!(covered.status, Status::PartlyCovered);
    assert_eq!(covered.note().as_deref(), Some("Left open: Elsewhere."));
    let open = item.covered_by(&[]);
    assert_eq!((open.status, open.note), (Status::NotCovered, None));
}

#[test]
fn what_is_manual_or_not_counted_stays_so_and_says_why() {
    let manual = Standing::Manual { why: "Nothing tells.", person: "Ask." };
    let covered = Item::standing("1.1", "Reached", manual).covered_by(&[]);
    assert_eq!(
        (covered.status, covered.note, covered.person),
        (Status::Manual, Some("Nothing tells."), Some("Ask."))
    );
    let retired = Item::standing("IAM.20", "Gone", Standing::NotCounted("Retired."))
        .covered_by(&[entry("user-unused")]);
    assert_eq!(
        (retired.status, retired.note, retired.rules.len()),
        (Status::NotCounted, Some("Retired."), 1)
    );
}

#[test]
fn a_limit_that_is_not_the_default_has_to_be_set() {
    let rules = [entry("access-key-age"), entry("user-unused")];
    let stricter =
        Item::automatable("1", "Fresh").limits(&[("maxAccessKeyAge", Limit::Is(30))]).covered_by(&rules);
    assert_eq!(
        stricter.settings,
        [Setting { parameter: "maxAccessKeyAge", value: Some(30), rules: vec![rules[0].meta.id] }]
    );
    let shipped =
        Item::automatable("1", "Fresh").limits(&[("maxAccessKeyAge", Limit::Is(90))]).covered_by(&rules);
    assert_eq!(shipped.settings, []);
}

#[test]
fn a_list_that_everybody_has_to_choose_has_to_be_set_where_it_is_empty() {
    let rules = [entry("access-key-age"), entry("principal-required-tags")];
    let tagged =
        Item::automatable("1", "Tagged").limits(&[("requiredTagKeys", Limit::Chosen)]).covered_by(&rules);
    assert_eq!(
        tagged.settings,
        [Setting { parameter: "requiredTagKeys", value: None, rules: vec![rules[1].meta.id] }]
    );
    assert!(tagged.settings[0].to_string().contains("`requiredTagKeys`"));
}

#[test]
fn the_summary_counts_what_is_covered_against_what_could_be() {
    let rule = &[entry("access-key-age")][..];
    let items = [
        Item::automatable("1", "a").covered_by(rule),
        Item::automatable("2", "b").limits(&[("maxAccessKeyAge", Limit::Is(30))]).covered_by(rule),
        Item::standing("3", "c", Standing::InPart("d.")).covered_by(rule),
        Item::automatable("4", "e").covered_by(&[]),
        Item::standing("5", "f", Standing::Manual { why: "g.", person: "h." }).covered_by(&[]),
        Item::standing("6", "i", Standing::NotCounted("j.")).covered_by(rule),
    ];
    let summary = Summary::of(&items);
    assert_eq!(
        summary,
        Summary {
            automatable: 4,
            covered: 3,
            partly_covered: 1,
            other_settings: 1,
            manual: 1,
            not_counted: 1
        }
    );
    assert_eq!(
        summary.to_string(),
        "covered 3 of 4 automatable items (1 manual); 1 in part; 1 with other settings; 1 not counted"
    );
    assert_eq!(Summary::of(&items[..1]).to_string(), "covered 1 of 1 automatable items (0 manual)");
}
