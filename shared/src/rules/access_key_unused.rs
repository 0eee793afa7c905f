use jiff::SignedDuration;

use super::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::facts::{AccessKey, Fact, Read, Unread, User, WhyUnread};
use crate::remedy::Step;

declare_rule! {
    /// An active access key nobody uses.
    ///
    /// ## What it checks
    ///
    /// Every active access key of a user, one by one: last used more than `maxCredentialUsageAge` (90 days by
    /// default) ago. A key that was never used counts from its creation, and is let be for `newKeyGracePeriod`
    /// (7 days by default) whatever the limit.
    ///
    /// ## Why it matters
    ///
    /// A key that nobody needs can only be used by somebody who should not have it.
    ///
    /// ## What is done about it
    ///
    /// That key is deactivated, which can be undone. Its last use is read again just before. The user's other keys
    /// are not touched.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN for all of its keys. A job that runs
    /// once a year is a good reason.
    ///
    /// ## References
    ///
    /// The access-key half of AWS Config managed rule `IAM_USER_UNUSED_CREDENTIALS_CHECK`; CIS AWS Foundations 3.0
    /// 1.12 and 5.0 1.11 (45 days); Security Hub IAM.8 and IAM.22.
    AccessKeyUnused {
        id: "access-key-unused",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["IAM_USER_UNUSED_CREDENTIALS_CHECK"],
        controls: ["CIS-3.0:1.12", "CIS-5.0:1.11", "SecurityHub:IAM.8", "SecurityHub:IAM.22"],
        journey: (Foundation, effort: Low, benefit: High),
        needs: [AccessKeys, AccessKeyLastUse],
        plan_needs: [],
        steps: [UpdateAccessKey],
        remediator: DeactivateAccessKeys,
    }
}

declare_parameters! {
    /// The longest a key may lie unused.
    "maxCredentialUsageAge" => max_credential_usage_age: Threshold = 90,
    /// A key never used is let be for at least this long after its creation.
    "newKeyGracePeriod" => new_key_grace_period: Days = 7,
}

impl Params {
    fn never_used_limit(&self) -> SignedDuration {
        self.max_credential_usage_age.duration().max(self.new_key_grace_period.duration())
    }
}

impl Rule for AccessKeyUnused {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<Vec<AccessKey>> {
        let keys = match user.access_keys.list() {
            Ok(keys) => keys,
            Err(unread) => return Verdict::Unknown(unread.clone()),
        };
        Verdict::of_each(keys.iter().filter(|key| key.is_active()), |key| match key.last_used.known() {
            Err(unread) => Err(unread.clone()),
            Ok(Some(used)) => {
                Ok(context.at.duration_since(used.at) > params.max_credential_usage_age.duration())
            }
            Ok(None) => key.created.older_than(params.never_used_limit(), context.at).ok_or_else(|| {
                Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's creation is not known")
            }),
        })
    }

    fn annotate(keys: &Vec<AccessKey>, params: &Params) -> String {
        let named: Vec<String> = keys
            .iter()
            .map(|key| match &key.last_used {
                Fact::Known(used) => format!("{} last used {}", key.label(), used.at.strftime("%Y-%m-%d")),
                Fact::Absent | Fact::Unknown(_) => {
                    format!("{} never used since {}", key.label(), key.created.latest.strftime("%Y-%m-%d"))
                }
            })
            .collect();
        format!("unused for more than {}: {}", params.max_credential_usage_age, named.join(", "))
    }

    fn plan(user: &User, keys: &Vec<AccessKey>, _: &Params, _: &Context) -> Proposal {
        let mut proposal = Proposal::default();
        for key in keys {
            match &key.id {
                Fact::Known(id) => proposal
                    .steps
                    .push(Step::DeactivateAccessKey { user: user.identity.clone(), key: id.clone() }),
                Fact::Unknown(unread) => proposal.unknown.push(unread.clone()),
                Fact::Absent => {}
            }
        }
        proposal
    }
}
