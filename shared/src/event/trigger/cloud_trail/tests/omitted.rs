//! Calls of IAM whose parameters CloudTrail left out, for they were too large.

use super::*;

fn left_out() -> Value {
    json!({ "reason": "requestParameters too large", "omitted": true, "originalSize": 131_072 })
}

#[test]
fn a_call_of_iam_that_cloud_trail_does_not_show_speaks_against_its_caller_and_is_told_to_people() {
    let hidden = ["Page HidParameters".to_owned(), format!("HidParameters {BY_HAL}")];
    for name in [
        "PutUserPolicy",
        "PutRolePolicy",
        "PutGroupPolicy",
        "UpdateAssumeRolePolicy",
        "CreatePolicyVersion",
        "CreatePolicy",
        "CreateRole",
    ] {
        assert_eq!(iam(name, &left_out()), hidden, "{name}");
        let as_text =
            json!({ "reason": "requestParameters too large", "omitted": "true", "originalSize": "131072" });
        assert_eq!(iam(name, &as_text), hidden, "{name}");
    }
    let told = parse(&call("iam", "PutUserPolicy", &left_out())).hints;
    assert!(
        told.iter().all(|hint| matches!(hint, Hint::Threat { said, .. } | Hint::Page { said, .. }
            if said.contains("called iam:PutUserPolicy from 198.51.100.24: CloudTrail left out its parameters"))),
        "{told:?}"
    );
}

#[test]
fn whom_it_changes_is_known_by_the_answer() {
    let id = "AROAQ2XH7WMR4VJHC6XSG";
    for (name, answer, changed) in [
        ("CreateRole", json!({ "role": { "roleName": "tracker", "roleId": id } }), "role tracker"),
        ("CreateUser", json!({ "user": { "userName": "mara.okafor" } }), "user mara.okafor"),
        ("CreateGroup", json!({ "group": { "groupName": "operations" } }), "group/operations"),
        ("CreatePolicy", json!({ "policy": { "arn": "arn:aws:iam::111122223333:policy/x" } }), "policy/x"),
    ] {
        let hints = short(&answering(call("iam", name, &left_out()), answer));
        assert_eq!(hints.last().map(String::as_str), Some(format!("Changed {changed}").as_str()), "{name}");
        assert_eq!(hints.len(), 3, "{hints:?}");
    }
    let made = parse(&answering(
        call("iam", "CreateRole", &left_out()),
        json!({ "role": { "roleName": "tracker", "roleId": id } }),
    ));
    let role = Suspect::of_role(Some("tracker"), Some(id)).unwrap();
    assert!(made.hints.contains(&Hint::Changed { about: role.clone() }), "{made:?}");
    assert!(made.hints.iter().any(|hint| matches!(hint, Hint::Made { about, .. } if *about == role)));
}

#[test]
fn what_may_well_be_as_large_as_that_is_no_evasion() {
    // The metadata of a SAML provider and a chain of certificates may have megabytes.
    assert_eq!(iam("UpdateSAMLProvider", &left_out()), [format!("OpenedFederation {BY_HAL}")]);
    assert_eq!(iam("UploadServerCertificate", &left_out()), ["Page HidParameters"]);
}

#[test]
fn what_is_refused_or_a_services_own_hides_nothing_and_roots_is_one_page() {
    let hidden = || call("iam", "PutUserPolicy", &left_out());
    let refused = short(&refused_with(hidden(), "MalformedPolicyDocumentException"));
    assert!(refused[0].starts_with("ignored: "), "{refused:?}");
    let service = by(hidden(), json!({ "type": "AWSService", "invokedBy": "config.amazonaws.com" }));
    assert!(short(&service)[0].starts_with("ignored: "));
    assert_eq!(short(&by(hidden(), root())), ["Page RootUsed", "Page HidParameters"]);
    for other in [json!({ "omitted": false }), json!({ "omitted": 7 }), json!({ "omitted": null })] {
        assert!(iam("PutUserPolicy", &other)[0].starts_with("ignored: "), "{other}");
    }
}
