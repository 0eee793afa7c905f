use super::{Reported, active_keys, switch_off, told_with_risk};
use crate::facts::User;
use crate::rules::parameters::NoParameters;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_rule};
use crate::threat::{Sign, Threat};

declare_rule! {
    /// An access key that was found in public.
    ///
    /// ## What it checks
    ///
    /// Active access keys that AWS Health, Trusted Advisor or another detector reported as exposed.
    ///
    /// ## Why it matters
    ///
    /// Keys in public repositories are found and tried within minutes.
    ///
    /// ## What is done about it
    ///
    /// The reported key, and no other, is deactivated at once: outside change windows too, without a warning and
    /// however lately it was used. It is the live state that decides: a key that is gone, off already or somebody else's
    /// is let be. AWS's own quarantine is never detached.
    ///
    /// ## How to exempt
    ///
    /// Not advisable. An exemption with this rule's id and the key's id or the user's ARN.
    ///
    /// ## References
    ///
    /// AWS Health event `AWS_RISK_CREDENTIALS_EXPOSED`; Trusted Advisor check "Exposed Access Keys".
    AccessKeyExposed {
        id: "access-key-exposed",
        severity: Critical,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IR-4", "NIST-800-53:IA-5"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [AccessKeys, Threats],
        plan_needs: [],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

impl Rule for AccessKeyExposed {
    type Subject = User;
    type Params = NoParameters;
    type Finding = Reported;

    fn evaluate(user: &User, _: &NoParameters, _: &Context) -> Verdict<Reported> {
        let threats = match user.threats.list() {
            Ok(threats) => threats,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let reported: Vec<&Threat> =
            threats.iter().filter(|threat| threat.sign == Sign::KeyExposed).collect();
        if reported.is_empty() {
            return Verdict::Compliant;
        }
        let keys = match active_keys(user) {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread),
        };
        let mut found = Reported::new();
        for (id, _) in keys {
            let report = reported.iter().find(|threat| threat.key.as_ref() == Some(id));
            found.extend(report.map(|threat| (id.clone(), told_with_risk(threat))));
        }
        if found.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(found) }
    }

    fn annotate(keys: &Reported, _: &NoParameters) -> String {
        let named: Vec<String> = keys.iter().map(|(key, told)| format!("key {key}: {told}")).collect();
        named.join("; ")
    }

    fn plan(user: &User, keys: &Reported, _: &NoParameters, _: &Context) -> Proposal {
        switch_off(user, keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, context, days, key, key_id, threat, throttled};
    use crate::facts::{Fact, Read};
    use crate::remedy::Step;
    use crate::threat::{Grade, Risk, Source};

    fn judge(user: &User) -> Verdict<Reported> {
        AccessKeyExposed::evaluate(user, &NoParameters::default(), &context())
    }

    fn reported(letter: char, user: User) -> User {
        let exposed = Threat { key: Some(key_id(letter)), ..threat(Sign::KeyExposed, Source::Health) };
        User { threats: Fact::Known(vec![exposed]), ..user }
    }

    #[test]
    fn the_reported_key_goes_off_and_no_other() {
        let user = reported('B', alice().with_keys([key('A', days(9)), key('B', days(9)).used(days(0))]));
        let Verdict::NonCompliant(found) = judge(&user) else { panic!() };
        let proposal = AccessKeyExposed::plan(&user, &found, &NoParameters::default(), &context());
        let off = Step::DeactivateAccessKey { user: user.identity.clone(), key: key_id('B') };
        assert_eq!(proposal, Proposal { steps: vec![off], ..Proposal::default() });
        let said = AccessKeyExposed::annotate(&found, &NoParameters::default());
        assert!(said.contains("AWS Health") && said.contains(&Sign::KeyExposed.to_string()), "{said}");
        // With its terms.
        let risk = Risk::of(Sign::KeyExposed, Source::Health, Grade::One);
        assert!(said.contains(&format!("risk {} of 10 (tier 1 + exposure 3", risk.score())), "{said}");
    }

    #[test]
    fn a_report_about_a_key_that_is_off_gone_or_another_s_changes_nothing() {
        let off = alice().with_keys([key('A', days(9)).inactive()]);
        assert_eq!(judge(&reported('A', off)), Verdict::Compliant);
        assert_eq!(judge(&reported('C', alice().with_keys([key('A', days(9))]))), Verdict::Compliant);
        assert_eq!(judge(&reported('A', alice())), Verdict::Compliant);
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let unread = throttled(Read::Threats);
        let user = User { threats: Fact::Unknown(unread.clone()), ..alice() };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let unread = throttled(Read::ListAccessKeys);
        let user = User { access_keys: Fact::Unknown(unread.clone()), ..reported('A', alice()) };
        assert_eq!(judge(&user), Verdict::Unknown(unread));
    }
}
