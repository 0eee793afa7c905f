use crate::facts::fixture::alice;
use crate::governance::Governance;
use crate::identifier::Arn;
use crate::remedy::Plan;
use crate::rules::RuleId;

const APPROVERS: &str = "approvals:\n  approvers: ['arn:aws:iam::111122223333:user/security/*']\n";

fn read(text: &str) -> Result<Governance, String> {
    Governance::parse(&format!("version: 1\n{text}")).map_err(|errors| errors.to_string())
}

fn needed(text: &str) -> u8 {
    let plan = Plan::new(alice().identity, Vec::new(), Vec::new()).unwrap();
    read(text).unwrap().approvals_needed(RuleId::parse("access-key-age").unwrap(), &plan, &[].into())
}

#[test]
fn a_rule_asks_for_as_many_as_it_says_and_for_two_of_a_platinum_principal() {
    let asks = |count: u8| format!("{APPROVERS}rules: {{ access-key-age: {{ approvals: {count} }} }}\n");
    assert_eq!([needed(""), needed(APPROVERS), needed(&asks(1)), needed(&asks(2))], [0, 0, 1, 2]);
    let platinum = |who: &str| {
        format!(
            "{APPROVERS}  platinum: [{{ principal: 'arn:aws:iam::111122223333:user/{who}', reason: r }}]\n"
        )
    };
    assert_eq!([needed(&platinum("alice")), needed(&platinum("al*")), needed(&platinum("bob"))], [2, 2, 0]);
}

#[test]
fn what_answered_a_threat_of_a_platinum_principal_is_undone_by_the_word_of_two() {
    let platinum = |who: &str| {
        read(&format!(
            "{APPROVERS}  platinum: [{{ principal: 'arn:aws:iam::111122223333:user/{who}', reason: r }}]\n"
        ))
        .unwrap()
    };
    let plan = Plan::new(alice().identity, Vec::new(), Vec::new()).unwrap();
    let needed = |who: &str| platinum(who).approvals_needed_to_undo(&plan);
    assert_eq!([needed("alice"), needed("bob")], [2, 1]);
    assert!(platinum("alice").is_platinum(&alice().identity.arn));
    assert!(!platinum("bob").is_platinum(&alice().identity.arn));
}

#[test]
fn a_rule_that_deletes_credentials_is_refused_where_nobody_may_approve() {
    let acts = "rules: { access-key-disabled: { mode: enforce } }\n";
    let said = read(acts).unwrap_err();
    assert!(said.contains("nobody may give them"), "{said}");
    assert!(read(&format!("{APPROVERS}{acts}")).is_ok());
    assert!(read("rules: { access-key-disabled: { mode: notify } }\n").is_ok());
}

#[test]
fn only_those_who_are_named_may_approve() {
    let governance = read(APPROVERS).unwrap();
    let may = |arn: &str| governance.approvals().may_approve(&Arn::parse(arn).unwrap());
    assert!(may("arn:aws:iam::111122223333:user/security/ada"));
    assert!(!may("arn:aws:iam::111122223333:user/ada"));
    assert!(!may("arn:aws:iam::444455556666:user/security/ada"));
    assert!(
        !read("").unwrap().approvals().may_approve(&Arn::parse("arn:aws:iam::111122223333:user/a").unwrap())
    );
}

#[test]
fn what_nobody_could_approve_is_refused() {
    let said = read("rules: { access-key-age: { approvals: 1 } }").unwrap_err();
    assert!(said.contains("nobody may give them"), "{said}");
}

#[test]
fn what_is_no_approver_is_refused() {
    for wrong in [
        "'*'",
        "ada",
        "'arn:aws:iam::*:user/ada'",
        "'arn:aws:iam::111122223333:role/Admin'",
        "'arn:aws:iam::111122223333:user/'",
        "'arn:aws:sts::111122223333:federated-user/ada'",
        "'arn:aws:iam::111122223333:root'",
    ] {
        let said = read(&format!("approvals: {{ approvers: [{wrong}] }}")).unwrap_err();
        assert!(said.contains("approvals.approvers[0]"), "{wrong}: {said}");
    }
    for (wrong, why) in [
        ("approvals: { approvers: [], validDays: 0 }", "validDays"),
        ("approvals: { validDays: 3 }", "approvers"),
        ("rules: { access-key-age: { approvals: 3 } }", "0 to 2"),
        ("rules: { access-key-age: { approvals: yes } }", "number of people"),
        ("rules: { user-admin: { approvals: 1 } }", "nothing to approve"),
    ] {
        let said = read(wrong).unwrap_err();
        assert!(said.contains(why), "{wrong}: {said}");
    }
}
