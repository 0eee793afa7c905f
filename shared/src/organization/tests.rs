mod checking;
mod effective;
mod pack;
mod reading;
mod template;

use crate::identifier::{AccountId, OrganizationId};

use super::{Asked, ControlPolicy, OrganizationPolicies, Settings, pack as packed};

fn account() -> AccountId {
    AccountId::parse("111122223333").unwrap()
}

/// What the cases of `organization/cases` are about.
fn settings() -> Settings {
    let list = |text: &str| vec![text.to_owned()];
    Settings {
        partition: "aws".to_owned(),
        stack: "bailiff".to_owned(),
        deployers: list("arn:aws:iam::*:role/deployer"),
        responders: list("arn:aws:iam::*:role/incident-response"),
        pipelines: vec![
            "arn:aws:iam::*:role/identity-pipeline".to_owned(),
            "arn:aws:iam::*:role/ci/*-identities".to_owned(),
        ],
        organization: OrganizationId::parse("o-a1b2c3d4e5").unwrap(),
        trusted_accounts: vec![AccountId::parse("444455556666").unwrap()],
        outside_resources: list("arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"),
        networks: vec!["198.51.100.0/24".to_owned(), "203.0.113.0/24".to_owned()],
        vpcs: list("vpc-0123456789abcdef0"),
    }
}

fn filled() -> Vec<ControlPolicy> {
    packed().iter().map(|policy| policy.policy(&settings()).unwrap()).collect()
}

fn in_force(policies: Vec<ControlPolicy>) -> OrganizationPolicies {
    OrganizationPolicies::new(account(), &[policies])
}

fn asked() -> Asked {
    Asked {
        account: account(),
        partition: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        stack: "bailiff".to_owned(),
        pipeline: Some("arn:aws:iam::111122223333:role/identity-pipeline".parse().unwrap()),
        organization: Some(OrganizationId::parse("o-a1b2c3d4e5").unwrap()),
    }
}
