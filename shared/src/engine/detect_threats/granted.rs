//! What a policy or group that somebody was given comes to, as it is now.

use super::paging::Pages;
use super::{TIER_NEEDS, ThreatDetector};
use crate::engine::in_force::policy_in_force;
use crate::engine::remediation::unreadable;
use crate::engine::{Clock, EngineError, FindHolder, KeepThreats, Observe, PagePeople, ReadIam};
use crate::event::{Hint, Suspect, Trigger};
use crate::facts::{AttachedPolicy, InlinePolicy, Need, Resource};
use crate::policy::analysis::{Boundary, NamedPolicy, Permissions, makes_admin};
use crate::policy::{Policy, PolicyDocument, PolicyKind};
use crate::threat::Sign;

impl<P: ReadIam + FindHolder + KeepThreats + PagePeople + Clock + Observe> ThreatDetector<'_, P> {
    /// Whether what was given makes an administrator. Where nobody will ever tell, that is no ground, and people look.
    pub(super) async fn makes_an_administrator(
        &self,
        trigger: &Trigger,
        what: &Suspect,
        then: &Hint,
    ) -> Result<bool, EngineError> {
        let why = match self.allows_all(trigger, what).await {
            Err(EngineError::Permanent(why)) => why,
            other => return other,
        };
        let (Hint::Threat { said, .. } | Hint::Page { said, .. }) = then else { return Ok(false) };
        let said = format!("{said} (whether that makes an administrator cannot be told: {why})");
        self.page(trigger, Sign::GrantedAdmin, said, None, &Pages::OfTheCaller).await?;
        Ok(false)
    }

    async fn allows_all(&self, trigger: &Trigger, what: &Suspect) -> Result<bool, EngineError> {
        let mut needs = Vec::from(TIER_NEEDS);
        needs.push(Need::PolicyText);
        let Some(live) = self.live(trigger, what, &needs.into_iter().collect()).await? else {
            return Ok(false);
        };
        let (inline, attached) = match &live {
            Resource::Policy(policy) => {
                let document = policy.document.known().map_err(unreadable)?;
                return allow_all(document);
            }
            Resource::Group(group) => (
                group.inline_policies.list().map_err(unreadable)?,
                group.attached_policies.list().map_err(unreadable)?,
            ),
            _ => return Ok(false),
        };
        self.policies_allow_all(inline, attached).await
    }

    /// AWS's own policies are told by their names: their texts are no secret and no one's to change.
    async fn policies_allow_all(
        &self,
        inline: &[InlinePolicy],
        attached: &[AttachedPolicy],
    ) -> Result<bool, EngineError> {
        let inline = inline.iter().map(|policy| &policy.document);
        let at_once = attached.iter().any(|policy| makes_admin(&policy.arn));
        if at_once || allow_all(inline.clone()).is_ok_and(|all| all) {
            return Ok(true);
        }
        let mut own = Vec::new();
        for policy in attached.iter().filter(|policy| !policy.arn.is_aws_managed()) {
            let document = policy_in_force(self.ports, &policy.arn).await;
            own.extend(document.map_err(|unread| unreadable(&unread))?);
        }
        // One may allow what another lacks.
        allow_all(inline.chain(&own))
    }
}

/// Whether these make an administrator together. One that cannot be understood takes nothing from what the others allow.
fn allow_all<'a>(documents: impl IntoIterator<Item = &'a PolicyDocument>) -> Result<bool, EngineError> {
    let (mut policies, mut unclear) = (Vec::new(), false);
    for document in documents {
        match Policy::parse_document(document, PolicyKind::Identity) {
            Ok(policy) => policies.push(policy),
            Err(_) => unclear = true,
        }
    }
    let identity = policies.iter().map(|policy| NamedPolicy { name: "".into(), policy }).collect();
    if (Permissions { identity, boundary: Boundary::Absent }).makes_an_administrator() {
        return Ok(true);
    }
    if unclear {
        return Err(EngineError::Permanent("its text is no policy that can be read".to_owned()));
    }
    Ok(false)
}
