use super::caller::Caller;
use super::demands::{Demands, Spared};
use super::ways::{Way, Who};
use super::{Trust, TrustReport, finding, services};
use crate::identifier::AccountId;
use crate::policy::Place;
use crate::policy::analysis::Finding;

/// Somebody of another account who gets in.
struct Outsider<'a> {
    account: &'a AccountId,
    at: &'a Place,
    demands: &'a Demands<'a>,
}

/// From so many accounts on they are taken together; the longest policy that IAM takes, of 8,192 characters, has not
/// half as many.
const CLOSELY: usize = 1_000;

/// Judges the ways in for AWS principals.
pub(super) fn judge<'a>(
    trust: &Trust<'a>,
    ways: &[Way<'a>],
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    let mut outside = Outside::default();
    for way in ways {
        match way.who {
            Who::Everyone => everyone(trust, way, &mut outside, report, findings),
            Who::Principal { account, arn } => {
                if let Some(demands) = trust.demands(way, &Caller::Member { account, arn }) {
                    let own = trust.context.account.as_ref() == Some(account);
                    outside.way(trust, &demands, !own, report, findings);
                    if !own {
                        let outsider = Outsider { account, at: &way.at, demands: &demands };
                        outside.outsider(trust, &outsider, report, findings);
                    }
                }
            }
            Who::Service(_) | Who::Saml(_) | Who::Oidc { .. } => {}
        }
    }
    report.external_accounts.sort();
    report.external_accounts.dedup();
    report.organization_only = outside.bound_to_own_organization && !outside.unbound;
    report.external_id = outside.external_id.unwrap_or(false);
}

/// What the ways in have shown so far.
#[derive(Default)]
struct Outside {
    /// Somebody of another account need not belong to the own organisation.
    unbound: bool,
    bound_to_own_organization: bool,
    /// Whether every third party so far must bring an external id; `None` before the first.
    external_id: Option<bool>,
}

fn everyone<'a>(
    trust: &Trust<'a>,
    way: &Way<'a>,
    outside: &mut Outside,
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    if let Some(demands) = trust.demands(way, &Caller::Stranger) {
        report.public = true;
        let but =
            if demands.iter().next().is_some() { "; none of the conditions restricts who calls" } else { "" };
        let message = format!("any principal of any AWS account gets in{but}");
        findings.push(finding("role-trust-public", &way.at, message));
        outside.way(trust, &demands, true, report, findings);
        outside.third_party(&demands);
        return;
    }
    // `*` means services too, and one that must say for whom it acts, but may say anybody, is a stranger's tool.
    let asked = services::ask_for_source(&Demands::stated(trust, way));
    let any_service = Caller::Service { name: "*", tells: true };
    if asked && trust.demands(way, &any_service).is_some_and(|demands| !services::are_confined(&demands)) {
        report.public = true;
        let message = "any service gets in, for whichever account it acts";
        findings.push(finding("role-trust-public", &way.at, message));
    }
    if let Some(demands) = trust.demands(way, &Caller::Somebody) {
        anybody(trust, way, &demands, outside, report, findings);
    }
    for denial in &trust.denials {
        for Spared { account, arn, at } in denial.spares(way) {
            let Some(demands) = trust.demands(way, &Caller::Member { account: &account, arn }) else {
                continue;
            };
            let own = trust.context.account.as_ref() == Some(&account);
            outside.way(trust, &demands, !own, report, findings);
            if !own {
                let outsider = Outsider { account: &account, at: &at, demands: &demands };
                outside.outsider(trust, &outsider, report, findings);
            }
        }
    }
}

/// Judges who gets in as far as the conditions let anybody in.
fn anybody<'a>(
    trust: &Trust<'a>,
    way: &Way<'a>,
    demands: &Demands<'a>,
    outside: &mut Outside,
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    let own = |account: &AccountId| trust.context.account.as_ref() == Some(account);
    let own_only = demands.are_for_own_account(trust.context.account.as_ref());
    outside.way(trust, demands, !own_only, report, findings);
    let named = demands.accounts();
    if named.is_empty() && !own_only && demands.organizations().is_none() {
        let message = "principals of any account get in from where, or as whom, the conditions say";
        // Whom a Deny leaves that is not understood, a person must say.
        let unclear = trust.denials.iter().find_map(|denial| denial.unclear(way));
        findings.push(finding("role-trust-external", unclear.as_ref().unwrap_or(&way.at), message));
    }
    let closely = named.len() < CLOSELY;
    for (account, at) in named.iter().filter(|(account, _)| !own(account)) {
        let theirs = closely.then(|| trust.demands(way, &Caller::Member { account, arn: None }));
        if let Some(demands) = theirs.as_ref().map_or(Some(demands), Option::as_ref) {
            outside.outsider(trust, &Outsider { account, at, demands }, report, findings);
        }
    }
}

impl Outside {
    /// A way that lets principals in, of other accounts too or of the own one alone.
    fn way(
        &mut self,
        trust: &Trust<'_>,
        demands: &Demands<'_>,
        others: bool,
        report: &mut TrustReport,
        findings: &mut Vec<Finding>,
    ) {
        let Some((organizations, at)) = demands.organizations() else {
            self.unbound |= others;
            return;
        };
        let mut foreign = organizations.iter().filter(|organization| !organization.is_own(trust.context));
        match foreign.next() {
            None => self.bound_to_own_organization = true,
            Some(organization) => {
                self.unbound = true;
                report.external_organization = true;
                let message = format!("principals of another organisation, `{}`, get in", organization.id());
                findings.push(finding("role-trust-external", at, message));
            }
        }
    }

    fn third_party(&mut self, demands: &Demands<'_>) {
        self.external_id = Some(self.external_id.unwrap_or(true) && demands.ask_for_external_id());
    }

    fn outsider(
        &mut self,
        trust: &Trust<'_>,
        outsider: &Outsider<'_>,
        report: &mut TrustReport,
        findings: &mut Vec<Finding>,
    ) {
        let Outsider { account, at, demands } = *outsider;
        report.external_accounts.push(account.clone());
        let of_own_organization = demands
            .organizations()
            .is_some_and(|(named, _)| named.iter().all(|organization| organization.is_own(trust.context)));
        if of_own_organization {
            return;
        }
        self.third_party(demands);
        if trust.context.trusted.contains(account) {
            return;
        }
        let message = match &trust.context.account {
            Some(_) => format!("account {account} is outside the zone of trust"),
            None => format!("account {account} gets in; whether it is the role's own was not told"),
        };
        findings.push(finding("role-trust-external", at, message));
        if !demands.ask_for_external_id() && !demands.ask_for_mfa() {
            let message = format!(
                "account {account} gets in without an `sts:ExternalId` of one value, so another customer of it might \
                 use it to get in too"
            );
            findings.push(finding("role-trust-external-id", at, message));
        }
    }
}
