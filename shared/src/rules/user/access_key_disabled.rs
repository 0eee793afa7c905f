use jiff::Timestamp;

use crate::facts::{AccessKey, SwitchedOff, Unread, User};
use crate::identifier::AccessKeyId;
use crate::remedy::Step;
use crate::rules::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::threat::{Sign, Threat};

declare_rule! {
    /// An access key that Bailiff switched off long ago.
    ///
    /// ## What it checks
    ///
    /// Every inactive access key that Bailiff itself switched off, by its own journal, more than `deleteAfter`
    /// (90 days by default) ago. A key that somebody else switched off is nobody's business here, and so is one that
    /// was switched on again by an undo.
    ///
    /// ## Why it matters
    ///
    /// A key that is off can be switched on again by whoever may call `iam:UpdateAccessKey`, and it takes one of the
    /// user's two places.
    ///
    /// ## What is done about it
    ///
    /// In `enforce` the key is deleted, which cannot be undone. So two people must approve each plan whatever the
    /// rule's `approvals` says, the journal must show that Bailiff switched this very key off and nobody undid it, and
    /// a key with any use since is a complaint: it is left to people. So is one that CloudTrail saw somebody try since,
    /// which people are paged with as well.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN for all of its keys.
    ///
    /// ## References
    ///
    /// IAM user guide, "Update access keys": deactivate first, delete when nothing has needed the key for a while.
    AccessKeyDisabled {
        id: "access-key-disabled",
        severity: Low,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["NIST-800-53:IA-5"],
        journey: (Refinement, effort: Low, benefit: Low),
        needs: [AccessKeys, AccessKeyLastUse, SwitchedOffKeys],
        plan_needs: [Threats],
        steps: [DeleteAccessKey],
        remediator: DeleteAccessKeys,
    }
}

declare_parameters! {
    /// How long a key stays switched off before it may be deleted.
    "deleteAfter" => delete_after: Threshold = 90,
}

/// A key that may be deleted, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disabled {
    key: AccessKeyId,
    since: SwitchedOff,
    used_since: Option<Timestamp>,
}

impl Rule for AccessKeyDisabled {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<Disabled>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<Disabled>> {
        let switched_off = match user.switched_off_keys.known() {
            Ok(Some(switched_off)) => switched_off,
            Ok(None) => return Verdict::Compliant,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let is_due = |off: &&SwitchedOff| {
            !off.undone && context.at.duration_since(off.at) > params.delete_after.duration()
        };
        if !switched_off.values().any(|off| is_due(&off)) {
            return Verdict::Compliant;
        }
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let mut found = Vec::new();
        for key in keys.iter().filter(|key| !key.is_active()) {
            match disabled(key, |id| switched_off.get(id).filter(is_due)) {
                Ok(disabled) => found.extend(disabled),
                Err(unread) => return Verdict::Unknown(unread),
            }
        }
        if found.is_empty() { Verdict::Compliant } else { Verdict::NonCompliant(found) }
    }

    fn annotate(keys: &Vec<Disabled>, params: &Params) -> String {
        let named: Vec<String> = keys
            .iter()
            .map(|Disabled { key, since, used_since }| {
                let used =
                    used_since.map_or_else(String::new, |at| format!(", used {}", at.strftime("%Y-%m-%d")));
                format!("key {key} since {}{used}", since.at.strftime("%Y-%m-%d"))
            })
            .collect();
        format!("switched off for more than {}: {}", params.delete_after, named.join(", "))
    }

    fn plan(user: &User, keys: &Vec<Disabled>, _: &Params, _: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        let threats = match user.threats.list() {
            Ok(threats) => threats,
            Err(unread) => {
                proposal.unknown.push(unread.clone());
                return proposal;
            }
        };
        for Disabled { key, since, used_since } in keys {
            match (used_since, tried(key, since, threats)) {
                (None, None) => proposal.steps.push(Step::DeleteAccessKey {
                    user: user.identity.clone(),
                    key: key.clone(),
                    switched_off_under: since.entry.clone(),
                    since: since.at,
                }),
                (None, Some(at)) => proposal.left.push(format!(
                    "somebody tried key {key} at {at}, after Bailiff switched it off under {}: find out who needs it, or \
                     who else has it",
                    since.entry
                )),
                (Some(at), _) => proposal.left.push(format!(
                    "key {key} was used at {at}, after Bailiff switched it off under {}: find out who needs it",
                    since.entry
                )),
            }
        }
        proposal
    }
}

/// When somebody last tried the key since, if anybody did.
fn tried(key: &AccessKeyId, since: &SwitchedOff, threats: &[Threat]) -> Option<Timestamp> {
    let is_it = |threat: &&Threat| {
        threat.sign == Sign::TriedDisabledKey && threat.key.as_ref() == Some(key) && threat.at > since.at
    };
    threats.iter().filter(is_it).map(|threat| threat.at).max()
}

/// An inactive key that is due, and whether anybody used it since.
fn disabled<'s>(
    key: &AccessKey,
    due: impl Fn(&AccessKeyId) -> Option<&'s SwitchedOff>,
) -> Result<Option<Disabled>, Unread> {
    let id = key.known_id()?;
    let Some(since) = due(id) else { return Ok(None) };
    let used = key.last_used.known().map_err(Clone::clone)?.map(|last| last.at);
    Ok(Some(Disabled {
        key: id.clone(),
        since: since.clone(),
        used_since: used.filter(|used| *used > since.at),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::fixture::{alice, context, days, just_over, key, key_id, now, threat, throttled};
    use crate::facts::{Fact, Read};
    use crate::threat::Source;
    use jiff::SignedDuration;

    fn off(ago: SignedDuration) -> SwitchedOff {
        SwitchedOff { entry: "20260101t000000-0123456789ab".to_owned(), at: now() - ago, undone: false }
    }

    fn judge(user: &User) -> Verdict<Vec<Disabled>> {
        AccessKeyDisabled::evaluate(user, &Params::default(), &context())
    }

    fn alice_with(key: AccessKey, off: SwitchedOff) -> User {
        let mut user = alice().with_keys([key]);
        user.switched_off_keys = Fact::Known([(key_id('A'), off)].into());
        user
    }

    fn is_broken(verdict: &Verdict<Vec<Disabled>>) -> bool {
        matches!(verdict, Verdict::NonCompliant(_))
    }

    #[test]
    fn a_key_is_due_more_than_ninety_days_after_bailiff_switched_it_off() {
        let inactive = || key('A', days(900)).inactive();
        assert_eq!(judge(&alice_with(inactive(), off(days(90)))), Verdict::Compliant);
        assert!(is_broken(&judge(&alice_with(inactive(), off(just_over(90))))));
    }

    #[test]
    fn what_somebody_else_switched_off_is_let_be() {
        let mut user = alice().with_keys([key('A', days(900)).inactive()]);
        user.switched_off_keys = Fact::Known([(key_id('B'), off(days(200)))].into());
        assert_eq!(judge(&user), Verdict::Compliant);
        user.switched_off_keys = Fact::Known([].into());
        assert_eq!(judge(&user), Verdict::Compliant);
    }

    #[test]
    fn a_key_that_is_on_again_or_was_switched_on_by_an_undo_is_let_be() {
        assert_eq!(judge(&alice_with(key('A', days(900)), off(days(200)))), Verdict::Compliant);
        let undone = SwitchedOff { undone: true, ..off(days(200)) };
        assert_eq!(judge(&alice_with(key('A', days(900)).inactive(), undone)), Verdict::Compliant);
    }

    #[test]
    fn any_use_since_is_a_complaint_and_leaves_it_to_people() {
        let plan = |key: AccessKey| {
            let user = alice_with(key, off(days(100)));
            let Verdict::NonCompliant(found) = judge(&user) else { panic!() };
            AccessKeyDisabled::plan(&user, &found, &Params::default(), &context())
        };
        let used_before = plan(key('A', days(900)).used(days(101)).inactive());
        assert_eq!((used_before.steps.len(), used_before.left.len()), (1, 0));
        let used_since = plan(key('A', days(900)).used(days(99)).inactive());
        assert_eq!((used_since.steps.len(), used_since.left.len()), (0, 1));
    }

    #[test]
    fn a_denied_attempt_since_is_a_complaint_and_leaves_it_to_people() {
        let plan = |letter: char, sign: Sign, age: SignedDuration| {
            let mut user = alice_with(key('A', days(900)).inactive(), off(days(100)));
            let tried = threat(sign, Source::CloudTrail);
            user.threats = Fact::Known(vec![Threat { key: Some(key_id(letter)), at: now() - age, ..tried }]);
            let Verdict::NonCompliant(found) = judge(&user) else { panic!() };
            AccessKeyDisabled::plan(&user, &found, &Params::default(), &context())
        };
        let tried = plan('A', Sign::TriedDisabledKey, days(99));
        assert_eq!((tried.steps.len(), tried.left.len()), (0, 1));
        assert!(tried.left[0].starts_with("somebody tried key …AAAA at"), "{:?}", tried.left);
        assert_eq!(plan('A', Sign::TriedDisabledKey, days(100)).steps.len(), 1, "before it was switched off");
        assert_eq!(plan('B', Sign::TriedDisabledKey, days(99)).steps.len(), 1, "another key");
        assert_eq!(plan('A', Sign::KeyExposed, days(99)).steps.len(), 1, "no attempt");
        let mut user = alice_with(key('A', days(900)).inactive(), off(days(100)));
        user.threats = Fact::Unknown(throttled(Read::Threats));
        let Verdict::NonCompliant(found) = judge(&user) else { panic!() };
        let blind = AccessKeyDisabled::plan(&user, &found, &Params::default(), &context());
        assert_eq!((blind.steps.len(), blind.unknown), (0, vec![throttled(Read::Threats)]));
    }

    #[test]
    fn what_is_unknown_deletes_nothing() {
        let unread = throttled(Read::GetAccessKeyLastUsed);
        let user = alice_with(key('A', days(900)).use_unknown().inactive(), off(days(100)));
        assert_eq!(judge(&user), Verdict::Unknown(unread));
        let nameless = alice_with(key('A', days(900)).nameless().inactive(), off(days(100)));
        assert!(matches!(judge(&nameless), Verdict::Unknown(_)));
        let mut user = alice_with(key('A', days(900)).inactive(), off(days(100)));
        user.switched_off_keys = Fact::Unknown(throttled(Read::SwitchedOffKeys));
        assert!(matches!(judge(&user), Verdict::Unknown(_)));
    }

    #[test]
    fn a_user_of_whom_nothing_is_remembered_needs_no_closer_look() {
        let mut user = alice();
        user.access_keys = Fact::not_read(Read::ListAccessKeys);
        user.switched_off_keys = Fact::Known([].into());
        assert_eq!(judge(&user), Verdict::Compliant);
    }
}
