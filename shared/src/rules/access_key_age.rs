use super::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::facts::{AccessKey, Fact, Read, Unread, User, WhyUnread};
use crate::remedy::Step;

declare_rule! {
    /// An active access key older than the limit.
    ///
    /// ## What it checks
    ///
    /// Every active access key of a user, one by one, against `maxAccessKeyAge` (90 days by default), counted from
    /// the key's creation. The credential report's `last_rotated` column is not taken for the age: switching a key
    /// off and on again resets it.
    ///
    /// ## Why it matters
    ///
    /// A key lives until somebody ends it. The older it is, the more laptops, images and logs it has passed through.
    ///
    /// ## What is done about it
    ///
    /// The key is deactivated, which can be undone; it is never deleted. A key used within `spareUsedWithin` (1 day
    /// by default) is left to people, because something that runs right now would break; so is one whose last use
    /// cannot be read. The user's other keys are not touched.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN for all of its keys.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `ACCESS_KEYS_ROTATED`; CIS AWS Foundations 3.0 1.14 and 5.0 1.13; Security Hub IAM.3.
    AccessKeyAge {
        id: "access-key-age",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["ACCESS_KEYS_ROTATED"],
        controls: ["CIS-3.0:1.14", "CIS-5.0:1.13", "SecurityHub:IAM.3"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [AccessKeys],
        plan_needs: [AccessKeyLastUse],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

declare_parameters! {
    /// The oldest a key may be.
    "maxAccessKeyAge" => max_access_key_age: Threshold = 90,
    /// A key used within this is left to people; 0 spares none.
    "spareUsedWithin" => spare_used_within: Days = 1,
}

impl Rule for AccessKeyAge {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<AccessKey>> {
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        Verdict::of_each(keys.iter().filter(|key| key.is_active()), |key| {
            key.created.older_than(params.max_access_key_age.duration(), context.at).ok_or_else(|| {
                Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's creation is not known")
            })
        })
    }

    fn annotate(keys: &Vec<AccessKey>, params: &Params) -> String {
        let named: Vec<String> = keys
            .iter()
            .map(|key| format!("{} created by {}", key.label(), key.created.latest.strftime("%Y-%m-%d")))
            .collect();
        format!("active longer than {}: {}", params.max_access_key_age, named.join(", "))
    }

    fn plan(user: &User, keys: &Vec<AccessKey>, params: &Params, context: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        for key in keys {
            let id = match &key.id {
                Fact::Known(id) => id,
                Fact::Absent => continue,
                Fact::Unknown(unread) => {
                    proposal.unknown.push(unread.clone());
                    continue;
                }
            };
            match key.last_used.known() {
                Err(unread) => proposal.unknown.push(unread.clone()),
                Ok(Some(used))
                    if context.at.duration_since(used.at) < params.spare_used_within.duration() =>
                {
                    proposal.left.push(format!(
                        "key {id} was used at {} ({}); rotate it first, then it can be deactivated",
                        used.at, used.service
                    ));
                }
                Ok(_) => proposal
                    .steps
                    .push(Step::DeactivateAccessKey { user: user.identity.clone(), key: id.clone() }),
            }
        }
        proposal
    }
}
