//! Identities, resources and networks outside the organisation.

use super::Questions;
use crate::organization::question::{Asked, OTHER_ORGANIZATION, Question, Who};

/// An address of a network that is nobody's (RFC 5737).
const NOWHERE: &str = "192.0.2.1";

/// What a request for a resource elsewhere lacks: nothing calls on somebody's behalf, and nobody has a tag by which
/// AWS's examples of perimeters make exceptions.
const PLAIN: [&str; 4] = ["aws:CalledVia", "aws:PrincipalTag/", "aws:ResourceOrgPaths", "aws:ResourceTag/"];

/// What a request from anywhere lacks: it comes through no VPC.
const NO_VPC: [&str; 5] =
    ["aws:CalledVia", "aws:PrincipalTag/", "aws:SourceVpc", "aws:VpcSourceIp", "aws:Vpce"];

/// What a request from elsewhere lacks: no service of ours makes it.
const NOT_OURS: [&str; 6] = [
    "aws:PrincipalOrg",
    "aws:PrincipalTag/",
    "aws:ResourceTag/",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrg",
];

pub(super) fn resources(of: &Asked) -> Questions {
    let ask = |what, action, resource| {
        Question::new(Who::User, what, action, resource).with("aws:ViaAWSService", "false").lacking(&PLAIN)
    };
    let owner = of.elsewhere();
    let foreign = |what, action, resource| {
        ask(what, action, resource)
            .with("aws:ResourceOrgID", OTHER_ORGANIZATION)
            .with("aws:ResourceAccount", owner)
    };
    let bucket = |name| format!("arn:{}:s3:::{name}/file", of.partition);
    let queue = format!("arn:{}:sqs:{}:{owner}:somebody-elses", of.partition, of.region);
    let ours = of.organization.iter().map(|organization| {
        ask("write to a bucket of the organisation's", "s3:PutObject", bucket("our-own"))
            .with("aws:ResourceOrgID", organization.as_str())
            .with("aws:ResourceAccount", of.account.as_str())
    });
    Questions {
        let_through: ours.collect(),
        refused: vec![
            foreign("write to a bucket outside the organisation", "s3:PutObject", bucket("somebody-elses")),
            foreign("write to a queue outside the organisation", "sqs:SendMessage", queue),
        ],
    }
}

pub(super) fn networks(of: &Asked) -> Questions {
    let ask = Question::new(Who::User, "work from any network", "iam:ListUsers", of.iam("user/"));
    let ask = ask.with("aws:SourceIp", NOWHERE).with("aws:ViaAWSService", "false").lacking(&NO_VPC);
    Questions { refused: vec![ask], let_through: Vec::new() }
}

pub(super) fn identities(of: &Asked) -> Questions {
    let bucket = format!("arn:{}:s3:::our-own/file", of.partition);
    let ask = |who, what, action, resource| {
        Question::new(who, what, action, resource)
            .with("aws:ResourceAccount", of.account.as_str())
            .lacking(&NOT_OURS)
    };
    let read = |who| ask(who, "read a bucket that is open to them", "s3:GetObject", bucket.clone());
    let stranger = Who::Named(format!("arn:{}:iam::{}:role/stranger", of.partition, of.elsewhere()));
    let assume =
        ask(stranger.clone(), "assume a role that trusts them", "sts:AssumeRole", of.iam("role/open"));
    let cloudtrail = Who::Named("cloudtrail.amazonaws.com".to_owned());
    let deputy = ask(cloudtrail, "write into a bucket for somebody outside", "s3:PutObject", bucket.clone());
    let ours = of.organization.iter().flat_map(|organization| {
        let service = Who::Named("logging.s3.amazonaws.com".to_owned());
        let deliver = ask(service, "deliver the organisation's logs", "s3:PutObject", bucket.clone());
        [
            deliver
                .with("aws:SourceOrgID", organization.as_str())
                .with("aws:SourceAccount", of.account.as_str()),
            read(Who::User).with("aws:PrincipalOrgID", organization.as_str()),
        ]
    });
    Questions {
        let_through: ours.collect(),
        refused: vec![
            read(stranger).with("aws:PrincipalOrgID", OTHER_ORGANIZATION),
            read(Who::Anybody),
            assume.with("aws:PrincipalOrgID", OTHER_ORGANIZATION),
            deputy.with("aws:SourceOrgID", OTHER_ORGANIZATION).with("aws:SourceAccount", of.elsewhere()),
        ],
    }
}
