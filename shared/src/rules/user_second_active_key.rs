use jiff::Timestamp;

use super::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::facts::{AccessKey, Fact, Read, Unread, User, WhyUnread};
use crate::identifier::AccessKeyId;
use crate::remedy::Step;

declare_rule! {
    /// A user with more than one active access key.
    ///
    /// ## What it checks
    ///
    /// Users with two or more active access keys. `rotationOverlap` (0 days by default) lets two be active for so
    /// long after the newest one's creation, as a rotation needs.
    ///
    /// ## Why it matters
    ///
    /// A second key is usually a rotation that was never finished: the old key still opens the door.
    ///
    /// ## What is done about it
    ///
    /// The key in use is kept; every other active key that was quiet for `quietBeforeDeactivation` (14 days by
    /// default) is deactivated, which can be undone. Where both are in use, or the last use of one cannot be read,
    /// it is left to people.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN; or one key's id, which then does not count.
    ///
    /// ## References
    ///
    /// CIS AWS Foundations 3.0 1.13 and 5.0 1.12, for which AWS has no managed rule.
    UserSecondActiveKey {
        id: "user-second-active-key",
        severity: Low,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["CIS-3.0:1.13", "CIS-5.0:1.12"],
        journey: (Hygiene, effort: Low, benefit: Medium),
        needs: [AccessKeys],
        plan_needs: [AccessKeyLastUse],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

declare_parameters! {
    /// How long after the newest key's creation two may be active.
    "rotationOverlap" => rotation_overlap: Days = 0,
    /// How long a key must have been quiet before it is deactivated.
    "quietBeforeDeactivation" => quiet_before_deactivation: Threshold = 14,
}

impl Rule for UserSecondActiveKey {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<AccessKey>> {
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        let active: Vec<AccessKey> = keys.iter().filter(|key| key.is_active()).cloned().collect();
        if active.len() < 2 {
            return Verdict::Compliant;
        }
        if params.rotation_overlap.is_zero() {
            return Verdict::NonCompliant(active);
        }
        // The overlap is over when it is over for the newest key, that is, for all of them.
        let mut open = false;
        for key in &active {
            match key.created.older_than(params.rotation_overlap.duration(), context.at) {
                Some(true) => {}
                Some(false) => return Verdict::Compliant,
                None => open = true,
            }
        }
        if open {
            Verdict::Unknown(Unread::new(
                Read::ListAccessKeys,
                WhyUnread::NotRead,
                "the keys' creation is not known",
            ))
        } else {
            Verdict::NonCompliant(active)
        }
    }

    fn annotate(keys: &Vec<AccessKey>, _: &Params) -> String {
        let named: Vec<String> = keys.iter().map(AccessKey::label).collect();
        format!("{} active access keys: {}", keys.len(), named.join(", "))
    }

    fn plan(user: &User, keys: &Vec<AccessKey>, params: &Params, context: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        let mut by_activity: Vec<(Timestamp, Timestamp, &AccessKeyId)> = Vec::new();
        for key in keys {
            match (&key.id, key.last_used.known()) {
                (Fact::Known(id), Ok(used)) => {
                    let created = key.created.latest;
                    by_activity.push((used.map_or(created, |used| used.at.max(created)), created, id));
                }
                (Fact::Unknown(unread), _) => proposal.unknown.push(unread.clone()),
                (_, Err(unread)) => proposal.unknown.push(unread.clone()),
                (Fact::Absent, _) => {}
            }
        }
        if !proposal.unknown.is_empty() {
            // Which key to keep hangs on all of them.
            return proposal;
        }
        by_activity.sort_unstable();
        by_activity.pop();
        for (active_at, _, id) in by_activity {
            if context.at.duration_since(active_at) > params.quiet_before_deactivation.duration() {
                proposal
                    .steps
                    .push(Step::DeactivateAccessKey { user: user.identity.clone(), key: id.clone() });
            } else {
                proposal.left.push(format!(
                    "key {id} was in use or created at {active_at}; finish the rotation first"
                ));
            }
        }
        proposal
    }
}
