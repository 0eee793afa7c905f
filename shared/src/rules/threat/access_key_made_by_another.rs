use super::{Reported, active_keys, is_expected, switch_off, told_with_risk};
use crate::facts::{AccessKey, Read, Unread, User, WhyUnread};
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::threat::{CLOCKS_DIFFER_BY, Sign, Threat};

declare_rule! {
    /// An access key that somebody else made for the user.
    ///
    /// ## What it checks
    ///
    /// Active access keys whose creation CloudTrail saw another principal do, within `respondWithin`
    /// (7 days by default). Those named in `expectedActors`, by ARN, make keys for others as their work: a pipeline, the people
    /// who run it.
    ///
    /// ## Why it matters
    ///
    /// Making a key for somebody else is the quietest way to stay in an account: it survives the password reset and the
    /// key rotation of the one who was broken into.
    ///
    /// ## What is done about it
    ///
    /// That key is deactivated, if it lives and was created when CloudTrail says; no other is touched. Whoever made it is
    /// the concern of `principal-threatened`.
    ///
    /// ## How to exempt
    ///
    /// Name the pipeline in `expectedActors`; or an exemption with this rule's id and the key's id or the user's ARN.
    ///
    /// ## References
    ///
    /// MITRE ATT&CK T1098.001, "Additional Cloud Credentials".
    AccessKeyMadeByAnother {
        id: "access-key-made-by-another",
        severity: High,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:AC-2", "NIST-800-53:IR-4"],
        journey: (Hygiene, effort: Medium, benefit: High),
        needs: [AccessKeys, Threats],
        plan_needs: [],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

declare_parameters! {
    /// ARNs, with `*` and `?`, of those who make keys for others as their work.
    "expectedActors" => expected_actors: Names = [],
    /// What was made longer ago than this is no longer answered by itself.
    "respondWithin" => respond_within: Days = 7,
}

impl Rule for AccessKeyMadeByAnother {
    type Subject = User;
    type Params = Params;
    type Finding = Reported;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Reported> {
        let threats = match user.threats.list() {
            Ok(threats) => threats,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let counts = |threat: &&Threat| {
            threat.sign == Sign::KeyMadeByAnother
                && context.at.duration_since(threat.at) <= params.respond_within.duration()
                && !threat.by.as_deref().is_some_and(|by| is_expected(by, &params.expected_actors))
        };
        let made: Vec<&Threat> = threats.iter().filter(counts).collect();
        if made.is_empty() {
            return Verdict::Compliant;
        }
        let keys = match active_keys(user) {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread),
        };
        let mut found = Reported::new();
        for (id, key) in keys {
            for threat in made.iter().filter(|threat| threat.key.as_ref() == Some(id)) {
                match is_of_then(key, threat) {
                    Some(false) => {}
                    Some(true) => {
                        let by = threat.by.as_deref().unwrap_or("somebody who is not named");
                        found.push((id.clone(), format!("made by {by}, {}", told_with_risk(threat))));
                        break;
                    }
                    None => {
                        let why = "the key's creation is not known";
                        return Verdict::Unknown(Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, why));
                    }
                }
            }
        }
        if found.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(found) }
    }

    fn annotate(keys: &Reported, _: &Params) -> String {
        let named: Vec<String> = keys.iter().map(|(key, told)| format!("key {key} {told}")).collect();
        named.join("; ")
    }

    fn plan(user: &User, keys: &Reported, _: &Params, _: &Context) -> Proposal {
        switch_off(user, keys)
    }
}

/// Whether the key was created when the report says it was; `None` where its creation is not known well enough.
fn is_of_then(key: &AccessKey, threat: &Threat) -> Option<bool> {
    let (earliest, latest) = (threat.at - CLOCKS_DIFFER_BY, threat.at + CLOCKS_DIFFER_BY);
    if key.created.earliest >= earliest && key.created.latest <= latest {
        Some(true)
    } else if key.created.earliest > latest || key.created.latest < earliest {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::facts::Fact;
    use crate::facts::fixture::{ago, alice, context, days, key, key_id, threat, throttled};
    use crate::remedy::Step;
    use crate::rules::Parameters;
    use crate::threat::Source;

    const MALLORY: &str = "arn:aws:iam::111122223333:user/mallory";

    fn judge_with(user: &User, params: &Params) -> Verdict<Reported> {
        AccessKeyMadeByAnother::evaluate(user, params, &context())
    }

    fn judge(user: &User) -> Verdict<Reported> {
        judge_with(user, &Params::default())
    }

    fn made(letter: char, age: SignedDuration) -> Threat {
        Threat {
            key: Some(key_id(letter)),
            by: Some(MALLORY.to_owned()),
            at: ago(age),
            ..threat(Sign::KeyMadeByAnother, Source::CloudTrail)
        }
    }

    fn with(user: User, threats: impl IntoIterator<Item = Threat>) -> User {
        User { threats: Fact::Known(threats.into_iter().collect()), ..user }
    }

    fn is_found(verdict: &Verdict<Reported>) -> bool {
        matches!(verdict, Verdict::NonCompliant(_))
    }

    #[test]
    fn the_key_that_was_made_goes_off_and_no_other() {
        let user = with(alice().with_keys([key('A', days(1)), key('B', days(1))]), [made('B', days(1))]);
        let Verdict::NonCompliant(found) = judge(&user) else { panic!() };
        let plan = AccessKeyMadeByAnother::plan(&user, &found, &Params::default(), &context());
        let off = Step::DeactivateAccessKey { user: user.identity.clone(), key: key_id('B') };
        assert_eq!(plan.steps, [off]);
        let said = AccessKeyMadeByAnother::annotate(&found, &Params::default());
        assert!(said.contains(MALLORY) && said.contains("risk "), "{said}");
    }

    #[test]
    fn a_key_of_another_time_is_not_the_one_that_was_seen() {
        let seen =
            |created, reported| judge(&with(alice().with_keys([key('A', created)]), [made('A', reported)]));
        let minutes = SignedDuration::from_mins;
        assert!(is_found(&seen(minutes(10), minutes(15))));
        assert!(!is_found(&seen(minutes(10), minutes(16))));
        assert!(!is_found(&seen(days(3), days(1))));
        assert!(!is_found(&judge(&with(
            alice().with_keys([key('A', days(1)).inactive()]),
            [made('A', days(1))]
        ))));
    }

    #[test]
    fn what_lies_long_back_and_what_a_pipeline_does_is_no_alarm() {
        let user = |age| with(alice().with_keys([key('A', age)]), [made('A', age)]);
        assert!(is_found(&judge(&user(days(7)))));
        assert!(!is_found(&judge(&user(days(7) + SignedDuration::from_secs(1)))));
        let params =
            Params::read(&json!({ "expectedActors": ["arn:aws:iam::111122223333:user/mall*"] })).unwrap();
        assert!(!is_found(&judge_with(&user(days(1)), &params)));
        let params =
            Params::read(&json!({ "expectedActors": ["arn:aws:iam::111122223333:user/m"] })).unwrap();
        assert!(is_found(&judge_with(&user(days(1)), &params)));
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let unread = throttled(Read::Threats);
        let user = User { threats: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..with(alice(), [made('A', days(1))]) };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }
}
