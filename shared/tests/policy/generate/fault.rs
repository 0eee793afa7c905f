//! What IAM, or the form of a request, forbids: one fault a case.

use serde_json::{Map, Value, json};

use super::LEVELLED;
use super::dice::Dice;

/// Makes a request that must be refused of one that need not be.
pub(super) fn strike(request: &mut Map<String, Value>, dice: &mut Dice) {
    let mut documents = documents(request);
    if documents.is_empty() || dice.percent(12) {
        return strike_request(request, dice);
    }
    let at = dice.below(documents.len());
    let (document, has_principal) = documents.swap_remove(at);
    match dice.below(14) {
        0 => document["Version"] = json!("2020-01-01"),
        1 => *document = json!("no JSON at all"),
        2 => {
            document.as_object_mut().expect("made as one").remove("Statement");
        }
        3 => document["Statements"] = json!([]),
        _ => strike_statement(document, has_principal, dice),
    }
}

/// The documents of all slots, each with whether it is of a type that has a principal.
fn documents(request: &mut Map<String, Value>) -> Vec<(&mut Value, bool)> {
    let mut found = Vec::new();
    for (name, slot) in request.iter_mut() {
        let has_principal =
            ["resourcePolicy", "endpointPolicies", "resourceControlPolicies"].contains(&name.as_str());
        let list = slot.as_array_mut().into_iter().flatten();
        if LEVELLED.contains(&name.as_str()) {
            let levels = list.flat_map(|level| level.as_array_mut().into_iter().flatten());
            found.extend(levels.map(|document| (document, has_principal)));
        } else {
            found.extend(list.map(|document| (document, has_principal)));
        }
    }
    found
}

fn strike_request(request: &mut Map<String, Value>, dice: &mut Dice) {
    match dice.below(5) {
        0 => request.insert("resourcePolicies".to_owned(), json!([])),
        1 => request.insert("principal".to_owned(), json!("arn:aws:iam::111122223333:group/g")),
        2 => request.insert("principal".to_owned(), json!({ "type": "Somebody" })),
        3 => request.remove("action"),
        _ => request.remove("resource"),
    };
}

fn strike_statement(document: &mut Value, has_principal: bool, dice: &mut Dice) {
    let statement = match &mut document["Statement"] {
        Value::Array(list) => {
            let at = dice.below(list.len());
            &mut list[at]
        }
        single => single,
    };
    let members = statement.as_object_mut().expect("made as one");
    let mut set = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    match dice.below(12) {
        0 => {
            members.remove("Effect");
        }
        1 => set("Effect", json!(dice.pick(&["allow", "DENY", "Permit", ""]))),
        2 => {
            set("Action", json!("s3:*"));
            set("NotAction", json!("iam:*"));
        }
        3 => {
            set("Resource", json!("*"));
            set("NotResource", json!("arn:aws:s3:::bucket"));
        }
        4 => {
            members.remove("Action");
            members.remove("NotAction");
        }
        5 => set("Actions", json!("s3:*")),
        6 if !has_principal => {
            members.remove("Resource");
            members.remove("NotResource");
        }
        6 => {
            set("Principal", json!("*"));
            set("NotPrincipal", json!({ "AWS": "111122223333" }));
        }
        7 if has_principal && dice.percent(40) => {
            members.remove("NotPrincipal");
            members.insert("Principal".to_owned(), json!("arn:aws:iam::111122223333:user/bob"));
        }
        7 | 8 if has_principal => {
            members.remove("Principal");
            members.remove("NotPrincipal");
        }
        7 => set("Principal", json!({ "AWS": "111122223333" })),
        8 => set("NotPrincipal", json!({ "AWS": "111122223333" })),
        9 => set("Condition", json!("StringEquals")),
        _ => {
            let operator = dice.pick(&[
                "StringMatches",
                "StringLik",
                "NumericBetween",
                "NullIfExists",
                "ForSomeValue:StringLike",
                "StringEqualsIfExist",
                "BinaryNotEquals",
                "BoolNotEquals",
            ]);
            set("Condition", json!({ operator: { "aws:username": "alice" } }));
        }
    }
}
