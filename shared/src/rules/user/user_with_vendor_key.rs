use super::tagged::tagged;
use crate::facts::{AccessKey, Unread, User};
use crate::policy::glob::{self, Case};
use crate::rules::{Context, Rule, Verdict, declare_parameters, declare_rule};

declare_rule! {
    /// An active access key of a user made for a vendor.
    ///
    /// ## What it checks
    ///
    /// Active access keys of users who are made for a vendor or a build service: those with a tag, under one of the keys
    /// in `vendorTagKeys`, that says something, and those whose name, with or without its path, is like one of
    /// `vendorNames`, in which `*` stands for any characters and letter case does not count. The names given by default
    /// are those of services that take a role with an external id, or an OpenID Connect token. That a name is like one
    /// of them is a hint; a user called `datadog-migration` may be a person's.
    ///
    /// ## Why it matters
    ///
    /// A key given to a vendor lives in the vendor's database, is copied by their staff, and leaks when theirs does. A
    /// role that asks for an external id, or trusts the build service's tokens, gives the same access for an hour at a
    /// time and to nobody else.
    ///
    /// ## What is done about it
    ///
    /// Nothing by itself: the vendor's access ends with the key. A person makes a role that trusts the vendor's account
    /// with `sts:ExternalId`, or the build service's identity provider with its `sub` and `aud`, has the vendor take it,
    /// and then runs `aws iam update-access-key --user-name … --access-key-id … --status Inactive`.
    ///
    /// ## How to exempt
    ///
    /// An exemption with this rule's id and the key's id, or the user's ARN. For a vendor who cannot take a role, that
    /// is where it says so.
    ///
    /// ## References
    ///
    /// AWS Well-Architected SEC03-BP09 (share resources securely with a third party); IAM User Guide, "Access to AWS
    /// accounts owned by third parties" and "Create a role for OpenID Connect federation".
    UserWithVendorKey {
        id: "user-with-vendor-key",
        severity: Medium,
        applies_to: [User],
        triggers: [Sweep],
        stands_for: [],
        controls: ["WellArchitected:SEC03-BP09"],
        journey: (Hygiene, effort: Medium, benefit: High),
        needs: [Tags, AccessKeys],
        plan_needs: [],
        steps: [],
    }
}

declare_parameters! {
    /// Keys of tags that only a vendor's user has.
    "vendorTagKeys" => vendor_tag_keys: Names = ["vendor", "third-party"],
    /// What the names of vendors' users are like.
    "vendorNames" => vendor_names: Names = [
        "*bitbucket*", "*buildkite*", "*circleci*", "*cloudability*", "*cloudcheckr*", "*cloudhealth*", "*databricks*",
        "*datadog*", "*dynatrace*", "*fivetran*", "*github*", "*gitlab*", "*newrelic*", "*new-relic*", "*snowflake*",
        "*spacelift*", "*sumologic*", "*terraform-cloud*", "*travis-ci*", "*vendor*"
    ],
}

impl Rule for UserWithVendorKey {
    type Subject = User;
    type Params = Params;
    type Finding = Vec<AccessKey>;

    fn evaluate(user: &User, params: &Params, _: &Context) -> Verdict<Vec<AccessKey>> {
        // Either answer, if it is no, settles the verdict.
        match (is_a_vendors(user, params), user.access_keys.list()) {
            (Ok(false), _) => Verdict::Compliant,
            (_, Ok(keys)) if !keys.iter().any(AccessKey::is_active) => Verdict::Compliant,
            (Ok(true), Ok(keys)) => Verdict::of_each(keys, |key| Ok(key.is_active())),
            (Err(unread), _) | (_, Err(unread)) => Verdict::Unknown(unread.clone()),
        }
    }

    fn annotate(keys: &Vec<AccessKey>, _: &Params) -> String {
        let labels: Vec<String> = keys.iter().map(AccessKey::label).collect();
        format!("made for a vendor by its tag or name, with {}", labels.join(", "))
    }
}

/// Whether the user is made for a vendor, as far as its name and tags tell.
fn is_a_vendors<'u>(user: &'u User, params: &Params) -> Result<bool, &'u Unread> {
    let name = user.identity.name.as_str();
    let resource = user.identity.arn.resource();
    let with_path = resource.strip_prefix("user/").unwrap_or(resource);
    let is_like = |pattern: &str| {
        glob::matches(pattern, name, Case::Ignored) || glob::matches(pattern, with_path, Case::Ignored)
    };
    if params.vendor_names.iter().any(is_like) {
        return Ok(true);
    }
    Ok(tagged(user, &params.vendor_tag_keys)?.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::fixture::{alice, context, days, key, throttled};
    use crate::facts::{Fact, Read};
    use crate::rules::Parameters;

    fn judge(user: &User) -> Verdict<Vec<AccessKey>> {
        UserWithVendorKey::evaluate(user, &Params::default(), &context())
    }

    fn with_key(user: User) -> User {
        user.with_keys([key('A', days(1)), key('B', days(1)).inactive()])
    }

    #[test]
    fn a_vendors_user_is_told_by_its_tag_its_name_or_its_path() {
        let found = Verdict::NonCompliant(vec![key('A', days(1))]);
        assert_eq!(judge(&with_key(alice().with_tag("vendor", "Acme"))), found);
        assert_eq!(judge(&with_key(alice().with_tag("third-party", "Acme"))), found);
        for name in ["datadog", "prod-DataDog-reader", "github-actions", "svc-gitlab"] {
            assert_eq!(judge(&with_key(alice().named("/", name))), found, "{name}");
        }
        assert_eq!(judge(&with_key(alice().named("/vendors/", "acme"))), found);
    }

    #[test]
    fn nobody_else_is_found() {
        assert_eq!(judge(&with_key(alice())), Verdict::Compliant);
        assert_eq!(judge(&with_key(alice().with_tag("vendor", " "))), Verdict::Compliant);
        assert_eq!(judge(&with_key(alice().named("/", "gitte"))), Verdict::Compliant);
    }

    #[test]
    fn a_vendor_without_an_active_key_is_fine() {
        let vendor = alice().with_tag("vendor", "Acme");
        assert_eq!(judge(&vendor), Verdict::Compliant);
        assert_eq!(judge(&vendor.with_keys([key('A', days(1)).inactive()])), Verdict::Compliant);
    }

    #[test]
    fn a_pattern_of_ones_own_takes_the_place_of_the_names() {
        let params = Params::read(&json!({ "vendorNames": "ext-*", "vendorTagKeys": [] })).unwrap();
        let judge = |user: &User| UserWithVendorKey::evaluate(user, &params, &context());
        assert!(matches!(judge(&with_key(alice().named("/", "ext-acme"))), Verdict::NonCompliant(_)));
        let datadog = with_key(alice().named("/", "datadog").with_tag("vendor", "Datadog"));
        assert_eq!(judge(&datadog), Verdict::Compliant);
    }

    #[test]
    fn what_is_not_known_matters_only_where_the_rest_does_not_settle_it() {
        let tags = throttled(Read::GetUser);
        let keys = throttled(Read::ListAccessKeys);
        let untold = |user: User| User { tags: Fact::Unknown(tags.clone()), ..user };
        assert_eq!(judge(&untold(with_key(alice()))), Verdict::Unknown(tags.clone()));
        assert_eq!(judge(&untold(alice())), Verdict::Compliant);
        assert!(matches!(judge(&untold(with_key(alice().named("/", "datadog")))), Verdict::NonCompliant(_)));
        let keyless = |user: User| User { access_keys: Fact::Unknown(keys.clone()), ..user };
        assert_eq!(judge(&keyless(alice())), Verdict::Compliant);
        assert_eq!(judge(&keyless(alice().with_tag("vendor", "Acme"))), Verdict::Unknown(keys.clone()));
    }

    #[test]
    fn says_which_keys_by_their_last_four_characters() {
        let said = UserWithVendorKey::annotate(&vec![key('A', days(1))], &Params::default());
        assert_eq!(said, "made for a vendor by its tag or name, with key …AAAA");
    }
}
