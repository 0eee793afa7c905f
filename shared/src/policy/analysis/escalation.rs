//! Ways in which a principal that is no administrator could become one.

mod attempt;
mod path;
mod paths;

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

pub use path::{Category, Need, Path, Target};

use self::attempt::{Prepared, requests, tagging, tells_policy};
pub(in crate::policy) use self::attempt::{policy_like, resource_tag};
use self::path::PASS_ROLE;
use super::index::{ActionSet, INDEX};
use super::permissions::Grant;
use super::resource::{account_like, partition_of};
use super::{Asked, Boundary, Circumstances, Grants, Known, Permissions, ResourceKind, StatementRef};
use crate::policy::{ActionPattern, Condition, Effect, Element, Policy, ResourcePattern, Statement, Version};

/// Every known path.
pub fn paths() -> impl Iterator<Item = &'static Path> {
    paths::all()
}

/// A path that is open to a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Which.
    pub path: &'static Path,
    /// The statements that allow its actions, in order.
    pub statements: Vec<StatementRef>,
}

impl Escalation {
    /// Whether it holds all that another one needs, and more.
    pub fn extends(&self, other: &Self) -> bool {
        let has = |need: &Need| self.path.needs.iter().any(|own| own.action == need.action);
        self.path.needs.len() > other.path.needs.len() && other.path.needs.iter().all(has)
    }
}

impl Permissions<'_> {
    /// The paths that are open to the principal, in the order of the catalogue.
    ///
    /// Every set of actions that a source names is told by itself, also where a part of it is another path, because
    /// a reader may look for either. What adds to the principal's own permissions is left out where its boundary
    /// keeps it from gaining by it. An administrator has them all.
    pub fn escalations(&self, known: &Circumstances<'_>) -> Vec<Escalation> {
        self.escalations_by(self.survey().named, known)
    }

    /// The same, where it is known already which actions are named.
    pub(super) fn escalations_by(&self, named: ActionSet, known: &Circumstances<'_>) -> Vec<Escalation> {
        let candidates = within(named);
        if candidates.is_empty() {
            return Vec::new();
        }
        let mut search = Search::new(self, known);
        let mut open: Vec<Escalation> = Vec::new();
        for path in candidates {
            if let Some(statements) = search.open(path) {
                open.push(Escalation { path, statements });
            }
        }
        open.retain(|escalation| {
            escalation.path.category != Category::SelfEscalation || search.gains_by_itself(escalation.path)
        });
        open
    }

    /// Whether the principal is an administrator, or can become one without knowing more than its policies tell.
    pub fn can_become_admin(&self, known: &Circumstances<'_>) -> bool {
        self.is_admin(known) || self.is_led_to_admin(&self.escalations(known), known)
    }

    /// Whether one of the escalations leads to an administrator for certain.
    pub(super) fn is_led_to_admin(&self, escalations: &[Escalation], known: &Circumstances<'_>) -> bool {
        escalations.iter().any(|escalation| match escalation.path.category {
            Category::BoundaryRemoval => {
                self.boundary.known().is_some() && self.unbound().can_become_admin(known)
            }
            _ => escalation.path.depends_on.is_none(),
        })
    }

    fn unbound(&self) -> Self {
        Self { identity: self.identity.clone(), boundary: Boundary::Absent }
    }
}

/// Paths whose actions are all in a set.
fn within(named: ActionSet) -> Vec<&'static Path> {
    let open = INDEX.paths.iter().filter(|(_, needed)| needed.is_within(named));
    open.map(|(path, _)| *path).collect()
}

/// One search through the paths, which ask for the same actions over and over.
struct Search<'p, 'k> {
    permissions: &'p Permissions<'p>,
    known: &'k Circumstances<'k>,
    grants: HashMap<&'static str, Grants<'p>>,
    /// What has been asked before, and the statements that were the answer.
    answers: HashMap<(&'static Need, &'static [&'static str]), Option<Vec<StatementRef>>>,
    through_stacks: Option<bool>,
}

impl<'p, 'k> Search<'p, 'k> {
    fn new(permissions: &'p Permissions<'p>, known: &'k Circumstances<'k>) -> Self {
        Self { permissions, known, grants: HashMap::new(), answers: HashMap::new(), through_stacks: None }
    }

    /// The statements that open a path, if it is open.
    fn open(&mut self, path: &'static Path) -> Option<Vec<StatementRef>> {
        let mut statements = BTreeSet::new();
        let mut same = Vec::new();
        for need in path.needs {
            let asked = match need.on {
                Target::Any => Asked::Some,
                Target::Every(kind) => Asked::Every(kind),
                Target::Own(kind) => Asked::Oneself(kind),
                Target::Same(kind) => {
                    same.push((need, kind));
                    continue;
                }
            };
            // To whom a role is passed matters to one action only.
            let key = (need, if need.action == PASS_ROLE.action { path.passed_to } else { &[] });
            let answer = if let Some(known) = self.answers.get(&key) {
                known.clone()
            } else {
                let found = self.allowed(path, need, &asked);
                self.answers.insert(key, found.clone());
                found
            };
            statements.extend(answer?);
        }
        if !same.is_empty() {
            statements.extend(self.allowed_on_the_same(path, &same)?);
        }
        Some(statements.into_iter().collect())
    }

    fn grants(&mut self, action: &'static str) -> &Grants<'p> {
        self.grants.entry(action).or_insert_with(|| self.permissions.grants(action))
    }

    /// The statements that allow an action in some request that suits the path, perhaps after seeing to what conditions
    /// ask of the resource.
    fn allowed(&mut self, path: &Path, need: &'static Need, asked: &Asked<'_>) -> Option<Vec<StatementRef>> {
        let at_once = self.allowed_at_once(path, need, asked);
        if at_once.is_some() || self.grants(need.action).stated().is_empty() {
            return at_once;
        }
        let (prepared, mut statements) = self.prepare(need, asked);
        if prepared.is_empty() {
            return None;
        }
        statements.extend(self.by_request(path, need, asked, false, &prepared)?);
        Some(statements)
    }

    /// What the principal can see to beforehand, and the statements that allow it: the tags that conditions ask of the
    /// resource it sets itself, and of a name that may be attached it makes a policy.
    fn prepare(&mut self, need: &'static Need, asked: &Asked<'_>) -> (Prepared, Vec<StatementRef>) {
        let known = self.known;
        let mut prepared = Prepared::default();
        let mut statements = Vec::new();
        let conditions: Vec<&Condition> = self.grants(need.action).conditions().collect();
        for condition in conditions {
            if let (Some(tag), Some(action)) = (resource_tag(&condition.key), need.on.tagging()) {
                let requests = condition.values.iter().map(|value| tagging(known, tag, value));
                let grants = self.grants(action);
                let setting: Vec<_> = requests.flat_map(|request| grants.on(asked, &request)).collect();
                if !setting.is_empty() {
                    prepared.tags.push(tag.to_owned());
                    statements.extend(setting.iter().map(|grant| grant.at));
                }
            }
            if tells_policy(need.action) && condition.is_about("iam:PolicyARN") {
                let making =
                    Circumstances::direct().free("aws:ResourceTag/*").on_own_resources(known).and(known);
                let grants = self.grants("iam:CreatePolicy");
                let account = match known.known("aws:PrincipalAccount") {
                    Some(Known::Value(account)) => Some(account.as_ref()),
                    _ => grants.accounts().next(),
                };
                for arn in condition.values.iter().filter_map(|value| policy_like(value, account)) {
                    let made = grants.on(&Asked::One(arn.as_str().into()), &making);
                    if !made.is_empty() {
                        statements.extend(made.iter().map(|grant| grant.at));
                        prepared.policies.push(arn);
                    }
                }
            }
        }
        (prepared, statements)
    }

    /// The same without anything beforehand.
    fn allowed_at_once(
        &mut self,
        path: &Path,
        need: &'static Need,
        asked: &Asked<'_>,
    ) -> Option<Vec<StatementRef>> {
        let direct = self.by_request(path, need, asked, false, &Prepared::default());
        let by_service = |condition: &Condition| {
            ["aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"]
                .iter()
                .any(|key| condition.is_about(key))
        };
        if direct.is_some()
            || !self.grants(need.action).conditions().any(by_service)
            || need.action.starts_with("cloudformation:")
            || !self.acts_through_stacks()
        {
            return direct;
        }
        self.by_request(path, need, asked, true, &Prepared::default())
    }

    fn by_request(
        &mut self,
        path: &Path,
        need: &'static Need,
        asked: &Asked<'_>,
        through_stacks: bool,
        prepared: &Prepared,
    ) -> Option<Vec<StatementRef>> {
        let known = self.known;
        let grants = self.grants(need.action);
        let by = grants.conditions();
        let mut requests = requests(known, need, path.passed_to, asked, through_stacks, prepared, by);
        if grants.conditions().next().is_none() {
            // They are all the same then.
            requests.truncate(1);
        }
        let allowing = requests.iter().flat_map(|circumstances| grants.on(asked, circumstances));
        let allowing: BTreeSet<StatementRef> = allowing.map(|grant| grant.at).collect();
        (!allowing.is_empty()).then(|| allowing.into_iter().collect())
    }

    /// Whether the principal can have CloudFormation make its requests: what is allowed by way of that service only
    /// (`aws:CalledVia`) is then as good as allowed.
    fn acts_through_stacks(&mut self) -> bool {
        if let Some(known) = self.through_stacks {
            return known;
        }
        let direct = Circumstances::direct();
        let may = ["cloudformation:CreateStack", "cloudformation:UpdateStack"]
            .into_iter()
            .any(|action| self.grants(action).allow(&Asked::Some, &direct));
        *self.through_stacks.insert(may)
    }

    /// The resources that statements about an action name.
    fn resources(&mut self, action: &'static str) -> Vec<&'p str> {
        self.grants(action).resources().collect()
    }

    /// The principal's account, where it is known.
    fn account(&self) -> Option<String> {
        match self.known.known("aws:PrincipalAccount") {
            Some(Known::Value(account)) => Some(account.as_ref().to_owned()),
            _ => None,
        }
    }

    /// The partition of the principal's account, where it is known.
    fn partition(&self) -> Option<String> {
        match self.known.known("aws:PrincipalArn") {
            Some(Known::Value(arn)) => partition_of(arn).map(str::to_owned),
            _ => None,
        }
    }

    /// The statements that allow several actions on one and the same resource, whichever that is.
    fn allowed_on_the_same(
        &mut self,
        path: &Path,
        needs: &[(&'static Need, ResourceKind)],
    ) -> Option<Vec<StatementRef>> {
        let (_, kind) = needs.first()?;
        let named: Vec<&str> = needs.iter().flat_map(|(need, _)| self.resources(need.action)).collect();
        let (partition, account) = (self.partition(), self.account());
        let first_account = named.iter().find_map(|pattern| account_like(pattern));
        let first_partition = named.iter().find_map(|pattern| partition_of(pattern));
        let mut tried = vec![Asked::Every(*kind)];
        for (need, kind) in needs {
            for part in self.grants(need.action).stated().iter().flat_map(Grant::parts) {
                let Asked::Within(pattern) = &part else { continue };
                // Where it is not known, any account and partition will do that the policies may be written for.
                let account =
                    account.clone().or_else(|| account_like(pattern)).or_else(|| first_account.clone());
                let partition = partition.as_deref().or_else(|| partition_of(pattern)).or(first_partition);
                let account = account.as_deref().unwrap_or(SOME_ACCOUNT);
                let among = kind.among(pattern, partition.unwrap_or("aws"), account);
                let among = among.into_iter().filter(|pattern| !is_owned_by_aws(pattern));
                tried.extend(among.map(|pattern| Asked::Within(pattern.into())));
            }
        }
        tried.iter().find_map(|asked| {
            let mut all = Vec::new();
            for (need, _) in needs {
                all.extend(self.allowed(path, need, asked)?);
            }
            Some(all)
        })
    }

    /// Whether the principal gains by adding to its own permissions. Under a boundary it gains what the boundary
    /// allows, or all if it can change the boundary itself.
    fn gains_by_itself(&mut self, path: &Path) -> bool {
        let Boundary::Known(boundary) = &self.permissions.boundary else { return true };
        let changes_policies =
            matches!(path.id, "iam-create-policy-version" | "iam-set-default-policy-version");
        if changes_policies && self.changes(&boundary.name, path) {
            return true;
        }
        let all = Permissions {
            identity: Permissions::of(&EVERYTHING).identity,
            boundary: self.permissions.boundary.clone(),
        };
        let open = |path: &'static Path| Search::new(&all, self.known).open(path).is_some();
        all.is_admin(self.known)
            || within(all.survey().named).into_iter().any(|path| match path.category {
                Category::SelfEscalation | Category::ExistingResource => false,
                Category::BoundaryRemoval => open(path),
                Category::PrincipalAccess | Category::NewPassRole => path.depends_on.is_none() && open(path),
            })
    }

    /// Whether the principal can change the policy that is its boundary.
    fn changes(&mut self, boundary: &str, path: &Path) -> bool {
        let known = self.known.clone();
        path.needs.iter().all(|need| {
            let grants = self.grants(need.action);
            if boundary.starts_with("arn:") {
                !boundary.contains(":aws:policy/") && grants.allow(&Asked::One(boundary.into()), &known)
            } else {
                // Which policy it is, is not told. Where some are protected, it will be among them.
                !grants.deny_some()
            }
        })
    }
}

/// An account where none is told.
const SOME_ACCOUNT: &str = "000000000000";

/// Service-linked roles and those of IAM Identity Center cannot be changed by anybody.
fn is_owned_by_aws(pattern: &str) -> bool {
    ["role/aws-service-role/", "role/aws-reserved/"].iter().any(|path| pattern.contains(path))
}

/// What a principal has that may give itself what it likes.
static EVERYTHING: LazyLock<Policy> = LazyLock::new(|| Policy {
    version: Version::V2012,
    id: None,
    statements: ActionPattern::parse("*")
        .map(|action| Statement {
            sid: None,
            effect: Effect::Allow,
            principal: None,
            action: Element { negated: false, entries: vec![action] },
            resource: Some(Element { negated: false, entries: vec![ResourcePattern::new("*")] }),
            conditions: Vec::new(),
        })
        .into_iter()
        .collect(),
});

#[cfg(test)]
pub(super) mod tests;
