use super::caller::{Caller, Holds};
use super::condition_key::ConditionKey;
use super::demand::Demand;
use super::demands::Demands;
use super::expected::Expected;
use super::oidc::{self, Form};
use super::ways::{Way, Who};
use super::{TokenOwners, Trust, TrustReport, finding};
use crate::policy::analysis::Finding;
use crate::policy::{Comparison, Place, Quantifier};

/// Judges the ways in with a token or an assertion of an identity provider.
pub(super) fn judge<'a>(
    trust: &Trust<'a>,
    ways: &[Way<'a>],
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    for way in ways {
        match way.who {
            Who::Saml(provider) => saml(trust, way, provider, report, findings),
            Who::Oidc { provider, issuer: Some(issuer) } => {
                token(trust, way, &Caller::Token { provider, issuer }, issuer, report, findings);
            }
            Who::Oidc { provider, issuer: None } => {
                if trust.demands(way, &Caller::Token { provider, issuer: "" }).is_some() {
                    report.public = true;
                    let message = "anybody with a token of any OIDC provider gets in";
                    findings.push(finding("role-trust-public", &way.at, message));
                }
            }
            Who::Everyone | Who::Principal { .. } | Who::Service(_) => {}
        }
    }
}

fn saml<'a>(
    trust: &Trust<'a>,
    way: &Way<'a>,
    provider: &'a str,
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    let Some(demands) = trust.demands(way, &Caller::Saml { provider }) else { return };
    if provider == "*" {
        report.public = true;
        let message = "anybody with an assertion of any SAML provider gets in";
        findings.push(finding("role-trust-public", &way.at, message));
    }
    let audience = |demand: &Demand<'_>| {
        demand.name.eq_ignore_ascii_case("SAML:aud")
            && !demand.expected.is_empty()
            && !demand.expected.iter().any(Expected::is_everything)
    };
    if !demands.binding().any(audience) {
        let message = "assertions made for any other service get in too; require `SAML:aud`";
        findings.push(finding("role-trust-saml-audience", &way.at, message));
    }
}

fn token<'a>(
    trust: &Trust<'a>,
    way: &Way<'a>,
    caller: &Caller<'a>,
    issuer: &str,
    report: &mut TrustReport,
    findings: &mut Vec<Finding>,
) {
    report.oidc_any_subject.get_or_insert(false);
    let demands = trust.demands(way, caller);
    for Weak { at, message } in weak_operators(trust, way, issuer, demands.as_ref()) {
        report.oidc_weak_operator = true;
        findings.extend(message.map(|message| finding("role-trust-oidc-subject", &at, message)));
    }
    let Some(demands) = demands else { return };
    if is_bound(&demands, issuer) {
        report.token_owners.push(owners(way, issuer, &demands));
    } else {
        report.oidc_any_subject = Some(true);
        report.public |= matches!(way.who, Who::Oidc { provider: "*", .. });
        let claims: Vec<String> =
            oidc::claims_of(issuer).iter().map(|(claim, _)| format!("`{issuer}:{claim}`")).collect();
        let message = format!(
            "no condition binds a token of `{issuer}` to one owner; require {} with a literal owner",
            claims.first().map_or("its subject", String::as_str)
        );
        findings.push(finding("role-trust-oidc-subject", &way.at, message));
    }
    if oidc::is_cognito(issuer) && lets_guests_in(&demands, caller) {
        report.anonymous_federation = true;
        let message =
            format!("guests of the identity pool get in; require `{issuer}:amr` to be `authenticated`");
        findings.push(finding("role-trust-anonymous-federation", &way.at, message));
    }
}

fn is_bound(demands: &Demands<'_>, issuer: &str) -> bool {
    binding_owners(demands, issuer).next().is_some()
}

fn owners(way: &Way<'_>, issuer: &str, demands: &Demands<'_>) -> TokenOwners {
    let accepted = binding_owners(demands, issuer).map(|demand| {
        let possible = demand.expected.iter().filter(|value| !value.is_impossible());
        possible.map(|value| value.text().to_owned()).collect()
    });
    TokenOwners { at: way.at.as_str().to_owned(), issuer: issuer.to_owned(), accepted: accepted.collect() }
}

/// The demands each of which lets tokens of named owners alone in.
fn binding_owners<'d, 'a>(demands: &'d Demands<'a>, issuer: &'d str) -> impl Iterator<Item = &'d Demand<'a>> {
    demands.binding().filter(move |demand| {
        let form = if oidc::is_sentinel(issuer) && demand.name.eq_ignore_ascii_case("sts:RoleSessionName") {
            Some(Form::Whole)
        } else {
            form_of(demand, issuer)
        };
        form.is_some_and(|form| {
            !demand.expected.is_empty() && demand.expected.iter().all(|value| form.is_bound(value))
        })
    })
}

/// How the claim that a demand is about names the owner of an issuer's token; `None` where it does not.
fn form_of(demand: &Demand<'_>, issuer: &str) -> Option<Form> {
    let ConditionKey::Token { issuer: of, claim } = demand.key else { return None };
    let mut claims = oidc::claims_of(issuer).iter();
    let (_, form) = claims.find(|(name, _)| name.eq_ignore_ascii_case(claim))?;
    of.eq_ignore_ascii_case(issuer).then_some(*form)
}

/// A guest's token says `unauthenticated` of how its owner signed in.
///
/// Source: Amazon Cognito Developer Guide, "Role trust and permissions".
fn lets_guests_in(demands: &Demands<'_>, caller: &Caller<'_>) -> bool {
    demands.iter().all(|demand| {
        let ConditionKey::Token { claim, .. } = demand.key else { return true };
        if !claim.eq_ignore_ascii_case("amr") || demand.operator.comparison == Comparison::Null {
            return true;
        }
        let named = demand.expected.iter().any(|value| value.matches("unauthenticated"));
        named != demand.operator.comparison.is_negated()
            || caller.holds(demand, demands.guards(demand.name)) == Holds::Always
    })
}

/// A condition on a claim whose operator does not do what it seems to.
struct Weak {
    at: Place,
    /// `None` where another rule says it already.
    message: Option<String>,
}

impl Weak {
    fn new(at: Place, message: impl Into<String>) -> Self {
        Self { at, message: Some(message.into()) }
    }
}

/// Looks at the conditions on claims that tell owners apart, and on the audience.
fn weak_operators(
    trust: &Trust<'_>,
    way: &Way<'_>,
    issuer: &str,
    demands: Option<&Demands<'_>>,
) -> Vec<Weak> {
    let stated = Demands::stated(trust, way);
    // Where nobody gets in, nothing lets too many in.
    let bound = demands.is_none_or(|demands| is_bound(demands, issuer));
    let mut weak = Vec::new();
    for demand in stated.iter().filter(|demand| demand.operator.comparison != Comparison::Null) {
        let ConditionKey::Token { issuer: of, claim } = demand.key else { continue };
        let form = form_of(demand, issuer);
        let audience = claim.eq_ignore_ascii_case("aud");
        if !of.eq_ignore_ascii_case(issuer) || !(form.is_some() || audience) {
            continue;
        }
        let (operator, at) = (demand.operator, &demand.at);
        if operator.comparison.is_negated() {
            // Beside a condition that binds, it takes something away.
            if !bound {
                weak.push(Weak::new(at.clone(), format!("`{operator}` lets everybody else in")));
            }
            continue;
        }
        let lenient = operator.if_exists || operator.quantifier == Some(Quantifier::ForAllValues);
        if lenient && demands.is_some_and(|demands| !demands.guards(demand.name)) {
            weak.push(Weak::new(at.clone(), format!("`{operator}` also holds where the {claim} is missing")));
        }
        for (position, value) in demand.expected.iter().enumerate() {
            let too_wide = match form {
                Some(form) => !bound && !value.is_literal() && !form.is_bound(value),
                None => value.is_everything(),
            };
            if too_wide {
                let message = format!("this pattern also matches a {claim} of other owners");
                weak.push(Weak::new(at.index(position), message));
            } else if value.is_impossible() {
                weak.push(Weak { at: at.index(position), message: None });
            }
        }
    }
    weak
}
