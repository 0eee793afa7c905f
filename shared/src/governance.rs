//! The governance file: which rules are on, how far each may go, who is never touched, whom the account trusts,
//! and which exemptions stand until when.
//!
//! Reading is strict. A file with an unknown key, a missing field or a value out of place is refused as a whole,
//! with every problem named, so that no part of it is in force by accident; the caller then enforces nothing.

mod approvals;
mod change_windows;
mod contact;
mod directory;
mod edit;
mod exemption;
mod limits;
mod listed;
mod managed;
mod mode;
mod moment;
mod node;
mod notices;
mod place;
mod plain_sight;
mod principal_pattern;
mod problem;
mod schema;
mod setting;
mod suggestion;
mod unmatched;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::facts::ResourceIdentity;
use crate::identifier::Arn;
use crate::identifier::{AccessKeyId, AccountId, OrganizationId};
use crate::remedy::{Plan, hexadecimal};
use crate::rules::{BoundRule, Entry, RULES, RuleId};
use exemption::Rotations;
use node::{Kind, Node};
use place::Place;
use problem::Problems;

pub use approvals::Approvals;
pub use change_windows::{ChangeWindows, Window};
pub use contact::{Chat, Contact};
pub use directory::Directory;
pub use edit::{EditError, ExemptionDraft, add_exemption, end_exemptions};
pub use exemption::{Criticality, ExemptSubject, Exemption, Reminder, Standing};
pub(crate) use limits::share_of;
pub use limits::{Limits, OrganizationLimits, SharedLimits};
pub use listed::{Listed, TooWide};
pub use managed::{Automation, Managed};
pub use mode::Mode;
pub use notices::{DigestEvery, NoAddress, Notices};
pub(crate) use plain_sight::is_hidden;
pub use problem::{GovernanceErrors, Problem};
pub use schema::schema;
pub use setting::RuleSetting;
pub(crate) use suggestion::did_you_mean;
pub use unmatched::{Inhabitants, Unmatched};

/// The keys of the file.
const FIELDS: [&str; 13] = [
    "version",
    "rules",
    "limits",
    "changeWindows",
    "approvals",
    "notices",
    "directory",
    "managed",
    "protected",
    "breakGlass",
    "organization",
    "trustedAccounts",
    "exemptions",
];

/// A governance file that was read without a problem.
#[derive(Debug)]
pub struct Governance {
    settings: BTreeMap<RuleId, RuleSetting>,
    unlisted: RuleSetting,
    limits: Limits,
    change_windows: Option<ChangeWindows>,
    approvals: Approvals,
    managed: Managed,
    notices: Option<Notices>,
    directory: Option<Directory>,
    listed: Vec<Listed>,
    organization: Option<OrganizationId>,
    trusted: Arc<BTreeSet<AccountId>>,
    exemptions: Vec<Exemption>,
    rotations: Rotations,
    fingerprint: String,
}

impl Governance {
    /// Reads a governance file, all of it or none.
    pub fn parse(text: &str) -> Result<Self, GovernanceErrors> {
        let node = Node::read(text)?;
        let mut problems = Problems::default();
        let governance = Self::read(&node, &mut problems);
        problems.or(Self { fingerprint: hexadecimal(&Sha256::digest(text)), ..governance })
    }

    fn read(node: &Node, problems: &mut Problems) -> Self {
        let top = Place::top(node);
        if matches!(node.kind, Kind::Nothing) {
            problems.push(top.problem("the file is empty", "start with `version: 1`"));
            return Self::nothing();
        }
        let Some(fields) = top.fields(&FIELDS, problems) else { return Self::nothing() };
        if let Some(version) = fields.required("version", problems) {
            check_version(version, problems);
        }
        let mut listed = Vec::new();
        for (name, break_glass) in [("protected", false), ("breakGlass", true)] {
            if let Some(place) = fields.optional(name) {
                listed.extend(listed::read_principals(place, break_glass, problems));
            }
        }
        let settings = setting::read(fields.optional("rules"), problems);
        let (exemptions, rotations) = match fields.optional("exemptions") {
            Some(place) => exemption::read(place, &settings, problems),
            None => (Vec::new(), Rotations::default()),
        };
        let approvals = match fields.optional("approvals") {
            Some(place) => approvals::read(place, problems),
            None => Approvals::default(),
        };
        approvals.check(&top, &settings, problems);
        Self {
            listed,
            settings,
            approvals,
            managed: match fields.optional("managed") {
                Some(place) => managed::read(place, problems),
                None => Managed::default(),
            },
            limits: match fields.optional("limits") {
                Some(place) => limits::read(place, problems),
                None => Limits::default(),
            },
            change_windows: fields
                .optional("changeWindows")
                .and_then(|place| change_windows::read(place, problems)),
            notices: fields.optional("notices").and_then(|place| notices::read(place, problems)),
            directory: fields.optional("directory").and_then(|place| directory::read(place, problems)),
            organization: fields
                .optional("organization")
                .and_then(|place| listed::read_organization(place, problems)),
            trusted: match fields.optional("trustedAccounts") {
                Some(place) => Arc::new(listed::read_accounts(place, problems)),
                None => Arc::default(),
            },
            exemptions,
            rotations,
            ..Self::nothing()
        }
    }

    /// What is left of a file that is refused.
    fn nothing() -> Self {
        Self {
            settings: BTreeMap::new(),
            unlisted: RuleSetting::unlisted(),
            limits: Limits::default(),
            change_windows: None,
            approvals: Approvals::default(),
            managed: Managed::default(),
            notices: None,
            directory: None,
            listed: Vec::new(),
            organization: None,
            trusted: Arc::default(),
            exemptions: Vec::new(),
            rotations: Rotations::default(),
            fingerprint: String::new(),
        }
    }

    /// The same with some rules off.
    #[must_use]
    pub fn without(mut self, rules: &[RuleId]) -> Self {
        for rule in rules {
            self.settings.insert(*rule, RuleSetting::unlisted());
        }
        self
    }

    /// What is said of a rule. Each has a setting, named in the file or not.
    pub fn rule(&self, id: RuleId) -> &RuleSetting {
        self.settings.get(&id).unwrap_or(&self.unlisted)
    }

    /// How much the rules may do before everything stops.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// When rules may act; at any time where none are written.
    pub fn change_windows(&self) -> Option<&ChangeWindows> {
        self.change_windows.as_ref()
    }

    /// Who approves plans.
    pub fn approvals(&self) -> &Approvals {
        &self.approvals
    }

    /// How many people must approve the rule's plan before it is carried out. `holders` have the policy that it is about, or
    /// are in the group.
    pub fn approvals_needed(&self, rule: RuleId, plan: &Plan, holders: &BTreeSet<ResourceIdentity>) -> u8 {
        self.approvals.needed(self.rule(rule).approvals, plan, holders)
    }

    /// How many people must approve that something is undone which answered a threat, beside whoever asks for it.
    pub fn approvals_needed_to_undo(&self, plan: &Plan) -> u8 {
        self.approvals.needed(1, plan, &BTreeSet::new())
    }

    /// The rules that act on threats, where the file names nobody who may agree that what they did is undone: that then takes
    /// a new deployment. A warning and no error: to contain comes first.
    pub fn undone_by_nobody(&self) -> Vec<RuleId> {
        if self.approvals.has_approvers() {
            return Vec::new();
        }
        let acts = |entry: &&Entry| {
            let setting = self.rule(entry.meta.id);
            setting.enabled && setting.mode == Mode::Enforce && entry.meta.answers_threats()
        };
        RULES.iter().filter(acts).map(|entry| entry.meta.id).collect()
    }

    /// Whether the file lists it among those of whom two people decide.
    pub fn is_platinum(&self, arn: &Arn) -> bool {
        self.approvals.is_platinum(arn)
    }

    /// Who is told of what is done; nobody but the topic's subscribers where nothing is written.
    pub fn notices(&self) -> Option<&Notices> {
        self.notices.as_ref()
    }

    /// How a directory or HR system is listened to; not at all where nothing is written.
    pub fn directory(&self) -> Option<&Directory> {
        self.directory.as_ref()
    }

    /// What other automation makes, and would make again.
    pub fn managed(&self) -> &Managed {
        &self.managed
    }

    /// Patterns of principals who are never changed, break-glass principals among them, with the reason for
    /// each: what `remedy::Protected` lists.
    pub fn protected(&self) -> Vec<(String, String)> {
        let reason = |listed: &Listed| {
            if listed.break_glass { format!("break-glass: {}", listed.reason) } else { listed.reason.clone() }
        };
        self.listed.iter().map(|listed| (listed.principal.clone(), reason(listed))).collect()
    }

    /// The entries that protect every user or every role, in the order of the file: whatever a rule finds there, nothing
    /// is done about it.
    pub fn too_wide(&self) -> Vec<TooWide> {
        let mut wide = Vec::new();
        for (section, break_glass) in [("protected", false), ("breakGlass", true)] {
            let listed = self.listed.iter().filter(|listed| listed.break_glass == break_glass);
            wide.extend(listed.enumerate().filter_map(|(index, listed)| {
                let (entry, names) = (format!("{section}[{index}]"), listed.principal.clone());
                Some(TooWide { entry, names, protects: listed.covers()? })
            }));
        }
        wide
    }

    /// The entries of `protected`, then those of `breakGlass`, in the order of the file.
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// The organisation whose accounts we trust: our own.
    pub fn organization(&self) -> Option<&OrganizationId> {
        self.organization.as_ref()
    }

    /// The accounts we trust.
    pub fn trusted(&self) -> &Arc<BTreeSet<AccountId>> {
        &self.trusted
    }

    /// Every exemption, in force or not, in the order of the file.
    pub fn exemptions(&self) -> &[Exemption] {
        &self.exemptions
    }

    /// The exemption from the rule that names the resource as a whole and is in force, if there is one.
    pub fn exemption(&self, rule: RuleId, arn: &Arn, at: Timestamp) -> Option<&Exemption> {
        self.in_force(rule, at).find(|exemption| match &exemption.subject {
            ExemptSubject::Principal(exempt) | ExemptSubject::Resource(exempt) => exempt == arn,
            ExemptSubject::AccessKey(_) => false,
        })
    }

    /// The access keys that are exempt from the rule at that time.
    pub fn exempt_keys(
        &self,
        rule: RuleId,
        at: Timestamp,
    ) -> impl Iterator<Item = (&AccessKeyId, &Exemption)> {
        self.in_force(rule, at).filter_map(|exemption| match &exemption.subject {
            ExemptSubject::AccessKey(key) => Some((key, exemption)),
            ExemptSubject::Principal(_) | ExemptSubject::Resource(_) => None,
        })
    }

    /// The access keys that are exempt from any rule at that time.
    pub fn keys_exempt_from_any(&self, at: Timestamp) -> impl Iterator<Item = (&AccessKeyId, &Exemption)> {
        self.exemptions.iter().filter(move |exemption| exemption.in_force(at)).filter_map(|exemption| {
            match &exemption.subject {
                ExemptSubject::AccessKey(key) => Some((key, exemption)),
                ExemptSubject::Principal(_) | ExemptSubject::Resource(_) => None,
            }
        })
    }

    /// The rule inside an exemption that asks for rotation: as the file sets it, with the exemption's limit.
    pub(crate) fn rotation(&self, exemption: &Exemption) -> Option<&dyn BoundRule> {
        self.rotations.get(exemption.rule, exemption.rotate_every?)
    }

    /// How many days the exemption's rule allows without it, where the exemption asks for rotation.
    pub fn own_limit(&self, exemption: &Exemption) -> Option<u64> {
        exemption.rotate_every?;
        exemption::own_limit(exemption.rule, &self.rule(exemption.rule).rule.parameters())
    }

    /// The exemption from the rule, of the resource or of one of these keys, that was the last to lapse.
    pub(crate) fn lapsed(
        &self,
        rule: RuleId,
        arn: &Arn,
        keys: &BTreeSet<&AccessKeyId>,
        at: Timestamp,
    ) -> Option<&Exemption> {
        self.exemptions
            .iter()
            .filter(|exemption| exemption.rule == rule && exemption.has_lapsed(at))
            .filter(|exemption| match &exemption.subject {
                ExemptSubject::Principal(exempt) | ExemptSubject::Resource(exempt) => exempt == arn,
                ExemptSubject::AccessKey(key) => keys.contains(key),
            })
            .max_by_key(|exemption| exemption.expires)
    }

    fn in_force(&self, rule: RuleId, at: Timestamp) -> impl Iterator<Item = &Exemption> {
        self.exemptions.iter().filter(move |exemption| exemption.rule == rule && exemption.in_force(at))
    }

    /// Whether the account is one of those we trust.
    pub fn trusts(&self, account: &AccountId) -> bool {
        self.trusted.contains(account)
    }

    /// The SHA-256 of the file's text, in hexadecimal: which governance a decision was made under.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn check_version(place: &Place<'_>, problems: &mut Problems) {
    let known = matches!(&place.node.kind, Kind::Number(number) if number.as_u64() == Some(1));
    if !known {
        problems.push(place.problem("this is not a version of the file that is known", "write `version: 1`"));
    }
}

#[cfg(test)]
mod tests;
