use super::{id_of, told};
use crate::facts::{AccessKey, User};
use crate::identifier::AccessKeyId;
use crate::remedy::Step;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};
use crate::threat::Sign;

declare_rule! {
    /// An access key that was found in public.
    ///
    /// ## What it checks
    ///
    /// Active access keys that AWS Health, Trusted Advisor or another detector reported as exposed; and users to whom AWS
    /// attached one of its own quarantine policies (`AWSCompromisedKeyQuarantine…`) though no report names the key.
    ///
    /// ## Why it matters
    ///
    /// Keys in public repositories are found and tried within minutes.
    ///
    /// ## What is done about it
    ///
    /// The reported key, and no other, is deactivated at once: outside change windows too, without a warning and
    /// however lately it was used. It is the live state that decides: a key that is gone, off already or somebody else's
    /// is let be. AWS's quarantine is never detached. Where only the quarantine tells, which key it was is for people to
    /// find out: the one that is active may be its replacement.
    ///
    /// ## How to exempt
    ///
    /// Not advisable. An exemption with this rule's id and the key's id or the user's ARN.
    ///
    /// ## References
    ///
    /// AWS Health event `AWS_RISK_CREDENTIALS_EXPOSED`; Trusted Advisor check "Exposed Access Keys"; AWS Managed Policy
    /// Reference Guide, `AWSCompromisedKeyQuarantineV3`.
    AccessKeyExposed {
        id: "access-key-exposed",
        severity: Critical,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IR-4", "NIST-800-53:IA-5"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [AccessKeys, AttachedPolicies, Threats],
        plan_needs: [],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

/// What of a user's lies open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exposed {
    /// These keys, each with who saw it.
    Keys(Vec<(AccessKeyId, String)>),
    /// One of its keys, by AWS's quarantine; which one nobody told.
    Quarantined,
}

impl Rule for AccessKeyExposed {
    type Subject = User;
    type Params = NoParameters;
    type Finding = Exposed;

    fn evaluate(user: &User, _: &NoParameters, _: &Context) -> Verdict<Exposed> {
        let threats = match user.threats.list() {
            Ok(threats) => threats,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let reported: Vec<_> = threats.iter().filter(|threat| threat.sign == Sign::KeyExposed).collect();
        let quarantined = match user.attached_policies.list() {
            Ok(attached) => attached.iter().any(|policy| policy.is_aws_quarantine()),
            // A report that names the key needs no quarantine beside it.
            Err(_) if !reported.is_empty() => false,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        if reported.is_empty() && !quarantined {
            return Verdict::Compliant;
        }
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let mut found = Vec::new();
        let mut nameless = None;
        for key in keys.iter().filter(|key| key.is_active()) {
            match id_of(key) {
                Ok(id) => {
                    let report = reported.iter().find(|threat| threat.key.as_ref() == Some(id));
                    found.extend(report.map(|threat| (id.clone(), told(threat))));
                }
                Err(unread) => nameless = Some(unread),
            }
        }
        let any_active = keys.iter().any(AccessKey::is_active);
        match nameless {
            Some(unread) if !reported.is_empty() => Verdict::Unknown(unread),
            _ if !found.is_empty() => Verdict::NonCompliant(Exposed::Keys(found)),
            _ if quarantined && reported.is_empty() && any_active => {
                Verdict::NonCompliant(Exposed::Quarantined)
            }
            _ => Verdict::Compliant,
        }
    }

    fn annotate(exposed: &Exposed, _: &NoParameters) -> String {
        match exposed {
            Exposed::Keys(keys) => {
                let named: Vec<String> =
                    keys.iter().map(|(key, told)| format!("key {key}: {told}")).collect();
                named.join("; ")
            }
            Exposed::Quarantined => {
                "AWS quarantined the user for an exposed access key, and it has an active one".to_owned()
            }
        }
    }

    fn plan(user: &User, exposed: &Exposed, _: &NoParameters, _: &Context) -> Proposal {
        match exposed {
            Exposed::Keys(keys) => Proposal {
                steps: keys
                    .iter()
                    .map(|(key, _)| Step::DeactivateAccessKey { user: user.identity.clone(), key: key.clone() })
                    .collect(),
                ..Proposal::default()
            },
            Exposed::Quarantined => Proposal {
                left: vec![
                    "which of its keys was exposed no report says: find it in AWS Health, switch it off, and detach the \
                     quarantine once it is replaced"
                        .to_owned(),
                ],
                ..Proposal::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, attached, context, days, key, key_id, threat, throttled};
    use crate::facts::{Fact, Read};
    use crate::threat::Source;

    const AWS_QUARANTINE: &str = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";

    fn judge(user: &User) -> Verdict<Exposed> {
        AccessKeyExposed::evaluate(user, &NoParameters::default(), &context())
    }

    fn reported(letter: char, user: User) -> User {
        let exposed =
            crate::threat::Threat { key: Some(key_id(letter)), ..threat(Sign::KeyExposed, Source::Health) };
        User { threats: Fact::Known(vec![exposed]), ..user }
    }

    fn keys_of(verdict: &Verdict<Exposed>) -> Vec<AccessKeyId> {
        match verdict {
            Verdict::NonCompliant(Exposed::Keys(keys)) => keys.iter().map(|(key, _)| key.clone()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_reported_key_goes_off_and_no_other() {
        let user = reported('B', alice().with_keys([key('A', days(9)), key('B', days(9)).used(days(0))]));
        let verdict = judge(&user);
        assert_eq!(keys_of(&verdict), [key_id('B')]);
        let Verdict::NonCompliant(found) = verdict else { panic!() };
        let proposal = AccessKeyExposed::plan(&user, &found, &NoParameters::default(), &context());
        let off = Step::DeactivateAccessKey { user: user.identity.clone(), key: key_id('B') };
        assert_eq!(proposal, Proposal { steps: vec![off], ..Proposal::default() });
        assert!(AccessKeyExposed::annotate(&found, &NoParameters::default()).contains("AWS Health"));
    }

    #[test]
    fn a_report_about_a_key_that_is_off_gone_or_another_s_changes_nothing() {
        assert_eq!(
            judge(&reported('A', alice().with_keys([key('A', days(9)).inactive()]))),
            Verdict::Compliant
        );
        assert_eq!(judge(&reported('C', alice().with_keys([key('A', days(9))]))), Verdict::Compliant);
        assert_eq!(judge(&reported('A', alice())), Verdict::Compliant);
    }

    #[test]
    fn the_quarantine_alone_is_left_to_people_for_the_key_may_be_the_new_one() {
        let user = alice().with_keys([key('A', days(1))]).with_attached([attached(AWS_QUARANTINE)]);
        assert_eq!(judge(&user), Verdict::NonCompliant(Exposed::Quarantined));
        let proposal =
            AccessKeyExposed::plan(&user, &Exposed::Quarantined, &NoParameters::default(), &context());
        assert!(proposal.steps.is_empty() && proposal.left.len() == 1);
        // The reported key is off; what is active now came after it.
        let rotated = alice().with_keys([key('A', days(9)).inactive(), key('B', days(1))]);
        let rotated = reported('A', rotated.with_attached([attached(AWS_QUARANTINE)]));
        assert_eq!(judge(&rotated), Verdict::Compliant);
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let user = alice().with_keys([key('A', days(1))]);
        let unread = throttled(Read::Threats);
        assert_eq!(
            judge(&User { threats: Fact::Unknown(unread.clone()), ..user.clone() }),
            Verdict::Unknown(unread)
        );
        let unread = throttled(Read::ListAttachedUserPolicies);
        let user = User { attached_policies: Fact::Unknown(unread.clone()), ..user };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        // The report is enough.
        assert_eq!(keys_of(&judge(&reported('A', user))), [key_id('A')]);
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..reported('A', alice()) };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }
}
