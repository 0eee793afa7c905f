//! Security Hub's controls of IAM, that of the account's contact, and the two of KMS that are about IAM policies.
//!
//! Source: AWS Security Hub user guide, controls for IAM, for accounts and for KMS.

use super::Item;
use super::Limit::{Chosen, Is};
use super::Standing::{InPart, NotCounted};

pub(super) const ITEMS: &[Item] = &[
    Item::automatable("IAM.1", "No customer managed policy allows everything on everything"),
    Item::automatable("IAM.2", "No policy is attached to a user, or written into one"),
    Item::automatable("IAM.3", "Access keys are replaced within 90 days")
        .limits(&[("maxAccessKeyAge", Is(90))]),
    Item::automatable("IAM.4", "The root user has no access key"),
    Item::automatable("IAM.5", "Everyone with a console password signs in with MFA"),
    Item::automatable("IAM.6", "The root user's MFA is a hardware device"),
    Item::automatable("IAM.7", "The password policy asks for strong passwords"),
    Item::automatable("IAM.8", "Credentials that nobody used for 90 days are off")
        .limits(&[("maxCredentialUsageAge", Is(90))]),
    Item::automatable("IAM.9", "The root user signs in with MFA"),
    Item::automatable("IAM.10", "The password policy asks for what PCI DSS 3.2.1 does"),
    Item::automatable("IAM.11", "A password has an upper-case letter"),
    Item::automatable("IAM.12", "A password has a lower-case letter"),
    Item::automatable("IAM.13", "A password has a symbol"),
    Item::automatable("IAM.14", "A password has a digit"),
    Item::automatable("IAM.15", "A password has 14 characters or more")
        .limits(&[("MinimumPasswordLength", Is(14))]),
    Item::automatable("IAM.16", "None of a user's last 24 passwords is taken again")
        .limits(&[("PasswordReusePrevention", Is(24))]),
    Item::automatable("IAM.17", "A password ends after 90 days at most")
        .limits(&[("MaxPasswordAge", Is(90))]),
    Item::automatable("IAM.18", "Somebody has a role for cases with AWS Support"),
    Item::automatable("IAM.19", "Every user has MFA, with a console password or without"),
    Item::standing(
        "IAM.20",
        "Nobody works as the root user",
        NotCounted("Retired by AWS in April 2024; CloudWatch.1 asks for an alarm instead."),
    ),
    Item::automatable("IAM.21", "No customer managed policy allows all actions of a service"),
    Item::automatable("IAM.22", "Credentials that nobody used for 45 days are off")
        .limits(&[("maxCredentialUsageAge", Is(45))]),
    Item::automatable("IAM.23", "IAM Access Analyzer's analyzers have tags"),
    Item::automatable("IAM.24", "Roles have tags").limits(&[("requiredTagKeys", Chosen)]),
    Item::automatable("IAM.25", "Users have tags").limits(&[("requiredTagKeys", Chosen)]),
    Item::automatable("IAM.26", "No expired server certificate is kept in IAM"),
    Item::automatable("IAM.27", "Nobody has the policy `AWSCloudShellFullAccess`"),
    Item::standing(
        "IAM.28",
        "IAM Access Analyzer looks for access from outside, in every Region",
        InPart("Regions other than the one in which Bailiff is deployed."),
    ),
    Item::automatable("Account.1", "AWS has been told whom to reach in matters of security"),
    Item::automatable("KMS.1", "No customer managed policy allows decryption with every key"),
    Item::automatable("KMS.2", "No inline policy allows decryption with every key"),
];
