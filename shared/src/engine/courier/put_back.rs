//! Who keeps putting back what Bailiff takes away. Looked up when people are told, by whom a refusal long stands: no guard
//! waits for it, and whatever comes of it changes nothing but words.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::{Clock, Decision, Deployment, Observe, Page, PortError};
use super::Courier;
use crate::event::PutBack;
use crate::notice::Notice;

/// CloudTrail's events may be so late (CloudTrail user guide, "How CloudTrail works").
const LATE: &str = "it may be 15 minutes behind";
/// It takes two requests a second of an account and Region (CloudTrail API, `LookupEvents`).
const BETWEEN: SignedDuration = SignedDuration::from_millis(600);
/// Asked too often, it is left alone for so long.
const AFTER_A_THROTTLE: SignedDuration = SignedDuration::from_secs(2);
/// So many pages are read of each call: the newest, for whoever does it again and again has done it lately.
const PAGES: usize = 2;
/// The most that one holds (CloudTrail API, `LookupEvents`).
const ON_A_PAGE: usize = 50;
/// So many are named.
const NAMED: usize = 3;

/// What CloudTrail recorded.
#[expect(async_fn_in_trait, reason = "one thread, no `Send` needed")]
pub trait LookUpCalls {
    /// A page of the records of an IAM call, such as `PutUserPolicy`, from then on and the newest first. What cannot be
    /// read as a record is left out.
    async fn calls(&self, name: &str, since: Timestamp, page: Option<&str>)
    -> Result<Page<Value>, PortError>;
}

/// Somebody who put it back, with all that they did of it.
struct Actor {
    last: PutBack,
    times: usize,
}

impl<P: LookUpCalls + Clock + Observe> Courier<'_, P> {
    /// The notice, with who puts back what it is about, where it is about that.
    pub(super) async fn naming_who_puts_it_back(&self, notice: &Notice) -> Notice {
        let mut notice = notice.clone();
        if notice.put_back_by_calls.is_empty() {
            return notice;
        }
        let (actors, gap) = self.actors(&notice).await;
        let more = actors.len().saturating_sub(NAMED);
        let mut told: Vec<String> = actors.iter().take(NAMED).map(Actor::said).collect();
        told.extend((more > 0).then(|| format!("and {more} more")));
        if actors.is_empty() {
            let why = gap.unwrap_or_else(|| format!("CloudTrail has no such call of the last day; {LATE}"));
            told.push(format!("who could not be found out: {why}"));
        } else {
            told.extend(gap.map(|gap| format!("there may be others: {gap}")));
        }
        let (key, resource) = (notice.key(), notice.resource.clone());
        self.ports.decided(&Decision::PutBack { key, resource, by: told.clone() });
        notice.name_who_puts_it_back(&told);
        notice
    }

    /// Who did any of the calls within a day, the latest first; and why somebody may be missing.
    async fn actors(&self, notice: &Notice) -> (Vec<Actor>, Option<String>) {
        let Deployment { account, .. } = self.deployment;
        let ours = self.deployment.ours();
        let since = notice.at - SignedDuration::from_hours(24);
        let mut actors: BTreeMap<String, Actor> = BTreeMap::new();
        let (mut asked, mut gap) = (false, None);
        for call in &notice.put_back_by_calls {
            let mut page = None;
            for _ in 0..PAGES {
                if std::mem::replace(&mut asked, true) {
                    self.ports.sleep(BETWEEN).await;
                }
                let Page { items, next } = match self.calls(call, since, page.as_deref()).await {
                    Ok(page) => page,
                    Err(error) => {
                        gap = Some(error.to_string());
                        page = None;
                        break;
                    }
                };
                // One record that cannot be read hides nobody else.
                let found = items.iter().filter_map(|record| {
                    PutBack::read(record, &notice.resource, account, &ours).ok().flatten()
                });
                for found in found {
                    let actor =
                        actors.entry(found.who.clone()).or_insert(Actor { last: found.clone(), times: 0 });
                    actor.times += 1;
                    if found.at > actor.last.at {
                        actor.last = found;
                    }
                }
                page = next;
                if page.is_none() {
                    break;
                }
            }
            if page.is_some() {
                let newest = PAGES * ON_A_PAGE;
                gap =
                    Some(format!("of the account's calls of {call} only the newest {newest} were looked at"));
            }
        }
        let mut actors: Vec<Actor> = actors.into_values().collect();
        actors.sort_by_key(|actor| std::cmp::Reverse(actor.last.at));
        (actors, gap)
    }

    /// A page of them; once more where CloudTrail was asked too often, which others do too.
    async fn calls(
        &self,
        name: &str,
        since: Timestamp,
        page: Option<&str>,
    ) -> Result<Page<Value>, PortError> {
        match self.ports.calls(name, since, page).await {
            Err(error) if error.kind.is_retryable() => {
                self.ports.sleep(AFTER_A_THROTTLE).await;
                self.ports.calls(name, since, page).await
            }
            answered => answered,
        }
    }
}

impl Actor {
    fn said(&self) -> String {
        let PutBack { who, session, through, tool, call, at } = &self.last;
        let session = session.as_ref().map(|session| format!(", session {session}")).unwrap_or_default();
        let through = through.as_ref().map(|by| format!(", through {by}")).unwrap_or_default();
        let times = if self.times == 1 { "once".to_owned() } else { format!("{} times", self.times) };
        let tool =
            tool.map(|tool| format!("; it seems managed by {tool}: change it there")).unwrap_or_default();
        format!("{who}{session}{through}: {times} within a day, last at {at} by {call}{tool}")
    }
}
