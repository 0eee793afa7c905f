//! Chapter 1 of the CIS AWS Foundations Benchmark. Version 5.0 asks what 3.0 asked but for the security questions, under
//! other numbers.

use super::Limit::Is;
use super::Standing::{InPart, Manual};
use super::{Item, Limit, Standing};

/// An item, under its number in each version.
struct Row {
    version_3: &'static str,
    version_5: Option<&'static str>,
    /// As version 3.0 numbers it.
    item: Item,
}

const fn row(version_3: &'static str, version_5: &'static str, title: &'static str) -> Row {
    Row { version_3, version_5: Some(version_5), item: Item::automatable(version_3, title) }
}

impl Row {
    const fn standing(self, standing: Standing) -> Self {
        Self { item: Item { standing, ..self.item }, ..self }
    }

    const fn limits(self, limits: &'static [(&'static str, Limit)]) -> Self {
        Self { item: self.item.limits(limits), ..self }
    }
}

/// In the order of both versions.
const ROWS: &[Row] = &[
    row("1.1", "1.1", "The contact details of the account are current and reach more than one person").standing(
        Manual {
            why: "AWS tells what is on file, not whether it still reaches anybody.",
            person: "Each quarter, read `aws account get-contact-information` and write and call to what it says.",
        },
    ),
    row("1.2", "1.2", "AWS has been told whom to reach in matters of security"),
    Row {
        version_3: "1.3",
        version_5: None,
        item: Item::standing(
            "1.3",
            "The root user's security questions are answered",
            Manual {
                why: "No API tells of security questions; version 5.0 has dropped them.",
                person: "Sign in as the root user and look at the account's page, as far as it still shows them.",
            },
        ),
    },
    row("1.4", "1.3", "The root user has no access key"),
    row("1.5", "1.4", "The root user signs in with MFA"),
    row("1.6", "1.5", "The root user's MFA is a hardware device"),
    row("1.7", "1.6", "The root user is left alone, but for what only it can do"),
    row("1.8", "1.7", "A password has 14 characters or more").limits(&[("MinimumPasswordLength", Is(14))]),
    row("1.9", "1.8", "None of a user's last 24 passwords is taken again").limits(&[("PasswordReusePrevention", Is(24))]),
    row("1.10", "1.9", "Everyone with a console password signs in with MFA"),
    row("1.11", "1.10", "A user made with a password is not given access keys at the same time"),
    row("1.12", "1.11", "Credentials that nobody used for 45 days are off")
        .limits(&[("maxCredentialUsageAge", Is(45))]),
    row("1.13", "1.12", "No user has more than one active access key"),
    row("1.14", "1.13", "Access keys are replaced within 90 days").limits(&[("maxAccessKeyAge", Is(90))]),
    row("1.15", "1.14", "Users have their permissions from groups alone"),
    row("1.16", "1.15", "No policy that allows everything on everything is attached"),
    row("1.17", "1.16", "Somebody has a role for cases with AWS Support"),
    row("1.18", "1.17", "Programs on EC2 instances have their credentials from the instance's role").standing(Manual {
        why: "EC2 tells which instances have a role, not what the programs on the others sign their calls with.",
        person: "Go through the instances without an `IamInstanceProfile` in `aws ec2 describe-instances` with their \
                 owners; give those that call AWS a role and take their keys away.",
    }),
    row("1.19", "1.18", "No expired server certificate is kept in IAM"),
    row("1.20", "1.19", "IAM Access Analyzer looks for access from outside, in every Region")
        .standing(InPart("Regions other than the one in which Bailiff is deployed.")),
    row("1.21", "1.20", "People come from one directory, or from another account, instead of being IAM users here")
        .standing(Manual {
            why: "IAM tells which users and identity providers there are, not who is a person and where else they are \
                  managed.",
            person: "Hold `aws iam list-users` against the directory: a person found in both comes through the directory, \
                     and the user goes.",
        }),
    row("1.22", "1.21", "Nobody has the policy `AWSCloudShellFullAccess`"),
];

/// Version 3.0.
pub(super) fn version_3() -> impl Iterator<Item = Item> {
    ROWS.iter().map(|row| Item { id: row.version_3, ..row.item })
}

/// Version 5.0.
pub(super) fn version_5() -> impl Iterator<Item = Item> {
    ROWS.iter().filter_map(|row| Some(Item { id: row.version_5?, ..row.item }))
}
