use jiff::Timestamp;

use super::{Context, Proposal, Rule, Verdict, declare_parameters, declare_rule};
use crate::facts::{AccessKey, Read, Span, Unread, User, WhyUnread};
use crate::remedy::suspend_user;

declare_rule! {
    /// A user none of whose credentials is used.
    ///
    /// ## What it checks
    ///
    /// Users who have a console password or an active access key, and used none of them for
    /// `maxCredentialUsageAge` (90 days by default). A credential never used counts from its creation, and a user
    /// is let be for `newUserGracePeriod` (14 days by default). One credential in use keeps the user; one whose use
    /// cannot be read makes the verdict unknown.
    ///
    /// ## Why it matters
    ///
    /// People leave, projects end, and their users stay behind with all their powers.
    ///
    /// ## What is done about it
    ///
    /// The user is suspended: everything is denied first, then its keys are deactivated and its console password is
    /// removed. All but the password can be undone.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the user's ARN. Break-glass users belong under `protected` instead.
    ///
    /// ## References
    ///
    /// AWS Config managed rule `IAM_USER_UNUSED_CREDENTIALS_CHECK`; CIS AWS Foundations 3.0 1.12 and 5.0 1.11;
    /// Security Hub IAM.8 and IAM.22.
    UserUnused {
        id: "user-unused",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: ["IAM_USER_UNUSED_CREDENTIALS_CHECK"],
        controls: ["CIS-3.0:1.12", "CIS-5.0:1.11", "SecurityHub:IAM.8", "SecurityHub:IAM.22"],
        journey: (Foundation, effort: Medium, benefit: High),
        needs: [AccessKeys, AccessKeyLastUse, LoginProfile],
        plan_needs: [InlinePolicies, AttachedPolicies],
        steps: [
            AttachUserPolicy,
            PutUserPolicy,
            PutUserPermissionsBoundary,
            UpdateAccessKey,
            DeleteLoginProfile
        ],
        remediator: SuspendPrincipal,
    }
}

declare_parameters! {
    /// The longest all of a user's credentials may lie unused.
    "maxCredentialUsageAge" => max_credential_usage_age: Threshold = 90,
    /// A user is let be for at least this long after its creation.
    "newUserGracePeriod" => new_user_grace_period: Days = 14,
}

impl Params {
    /// Whether a credential lies unused, by its last use or, never used, by its creation.
    fn is_quiet(&self, last_used: Option<Timestamp>, created: Span, at: Timestamp) -> Option<bool> {
        match last_used {
            Some(used) => Some(at.duration_since(used) > self.max_credential_usage_age.duration()),
            None => created.older_than(self.max_credential_usage_age.duration(), at),
        }
    }
}

impl Rule for UserUnused {
    type Subject = User;
    type Params = Params;
    type Finding = usize;

    fn evaluate(user: &User, params: &Params, context: &Context) -> Verdict<usize> {
        match user.created.known() {
            Err(unread) => return Verdict::Unknown(unread.clone()),
            Ok(Some(created))
                if context.at.duration_since(*created) <= params.new_user_grace_period.duration() =>
            {
                return Verdict::Compliant;
            }
            Ok(_) => {}
        }
        // One credential in use settles it, whatever is unknown of the others.
        let mut unread = None;
        let mut quiet = 0;
        match user.access_keys.list() {
            Err(reason) => unread = Some(reason.clone()),
            Ok(keys) => {
                for key in keys.iter().filter(|key| key.is_active()) {
                    match key_is_quiet(key, params, context.at) {
                        Ok(true) => quiet += 1,
                        Ok(false) => return Verdict::Compliant,
                        Err(reason) => unread = Some(reason),
                    }
                }
            }
        }
        match (user.login_profile.known(), user.password_last_used.known()) {
            (Ok(None), _) => {}
            (Err(reason), _) | (_, Err(reason)) => unread = Some(reason.clone()),
            (Ok(Some(profile)), Ok(used)) => {
                match params.is_quiet(used.copied(), profile.created, context.at) {
                    Some(true) => quiet += 1,
                    Some(false) => return Verdict::Compliant,
                    None => {
                        unread = Some(Unread::new(
                            Read::GetLoginProfile,
                            WhyUnread::NotRead,
                            "the password's creation is not known",
                        ));
                    }
                }
            }
        }
        match (unread, quiet) {
            (Some(reason), _) => Verdict::Unknown(reason),
            (None, 0) => Verdict::Compliant,
            (None, quiet) => Verdict::NonCompliant(quiet),
        }
    }

    fn annotate(quiet: &usize, params: &Params) -> String {
        let s = if *quiet == 1 { "" } else { "s" };
        format!("none of its {quiet} credential{s} used for more than {}", params.max_credential_usage_age)
    }

    fn plan(user: &User, _: &usize, _: &Params, context: &Context) -> Proposal {
        suspend_user(user, context)
    }
}

fn key_is_quiet(key: &AccessKey, params: &Params, at: Timestamp) -> Result<bool, Unread> {
    let used = key.last_used.known().map_err(Clone::clone)?.map(|used| used.at);
    params.is_quiet(used, key.created, at).ok_or_else(|| {
        Unread::new(Read::ListAccessKeys, WhyUnread::NotRead, "the key's creation is not known")
    })
}
