//! AWS Config's managed rules about IAM, by identifier.
//!
//! Source: AWS Config developer guide, list of managed rules.

use super::Item;
use super::Limit::Chosen;
use super::Standing::NotCounted;

pub(super) const ITEMS: &[Item] = &[
    Item::automatable("ACCESS_KEYS_ROTATED", "Access keys are replaced in time"),
    Item::automatable(
        "IAM_CUSTOMER_POLICY_BLOCKED_KMS_ACTIONS",
        "No customer managed policy allows blocked KMS actions on every key",
    ),
    Item::automatable(
        "IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED",
        "IAM Access Analyzer looks for access from outside, in the rule's Region",
    ),
    Item::automatable("IAM_GROUP_HAS_USERS_CHECK", "A group has members"),
    Item::automatable(
        "IAM_INLINE_POLICY_BLOCKED_KMS_ACTIONS",
        "No inline policy allows blocked KMS actions on every key",
    ),
    Item::automatable("IAM_NO_INLINE_POLICY_CHECK", "No user, role or group has an inline policy"),
    Item::automatable("IAM_OIDC_PROVIDER_TAGGED", "An OIDC provider has tags"),
    Item::automatable("IAM_PASSWORD_POLICY", "The password policy asks for strong passwords"),
    Item::automatable(
        "IAM_POLICY_BLACKLISTED_CHECK",
        "No user, role or group has a policy of a blocked list",
    ),
    Item::automatable("IAM_POLICY_IN_USE", "A policy that must be in use is: that for AWS Support, say"),
    Item::automatable(
        "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
        "No customer managed policy allows everything on everything",
    ),
    Item::automatable(
        "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
        "No customer managed policy allows all actions of a service",
    ),
    Item::automatable("IAM_ROLE_MANAGED_POLICY_CHECK", "A role has every managed policy of a required list")
        .limits(&[("managedPolicyArns", Chosen)]),
    Item::automatable("IAM_ROOT_ACCESS_KEY_CHECK", "The root user has no access key"),
    Item::automatable("IAM_SAML_PROVIDER_TAGGED", "A SAML provider has tags"),
    Item::automatable(
        "IAM_SERVER_CERTIFICATE_EXPIRATION_CHECK",
        "No expired server certificate is kept in IAM",
    ),
    Item::automatable("IAM_SERVER_CERTIFICATE_TAGGED", "A server certificate has tags"),
    Item::automatable("IAM_USER_GROUP_MEMBERSHIP_CHECK", "A user is in a group"),
    Item::automatable("IAM_USER_MFA_ENABLED", "Every user has MFA, with a console password or without"),
    Item::automatable("IAM_USER_NO_POLICIES_CHECK", "No policy is attached to a user, or written into one"),
    Item::automatable("IAM_USER_UNUSED_CREDENTIALS_CHECK", "Credentials that nobody uses are off"),
    Item::automatable(
        "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
        "Everyone with a console password signs in with MFA",
    ),
    Item::automatable("ROOT_ACCOUNT_HARDWARE_MFA_ENABLED", "The root user's MFA is a hardware device"),
    Item::automatable("ROOT_ACCOUNT_MFA_ENABLED", "The root user signs in with MFA"),
    Item::standing(
        "SECURITY_ACCOUNT_INFORMATION_PROVIDED",
        "AWS has been told whom to reach in matters of security",
        NotCounted("About the account, not about IAM."),
    ),
];
