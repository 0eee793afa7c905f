use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Value;
use shared::engine::{EngineError, Judged, Outcome, RestoreRequest, Stop, SuspendOrder};
use shared::facts::Read;
use shared::identifier::Arn;
use shared::remedy::{JournalId, Status};
use sim::{Fault, Local, Operation, Times};

use super::seen::{Seen, Shown, bytes};
use crate::error::CliError;
use crate::events::{CHANGES, MALFORMED, OTHER_PARTITIONS, SCHEDULES, SWEEPS, Sample};
use crate::page::{FAINT, GOOD, PLAIN, Page, STRONG, WRONG, count};
use crate::report::{Happened, Tally, delivery, outcome};

/// The key whose last use cannot be read when its age is judged.
const UNREADABLE_KEY: &str = "AKIAQ2XH7EXAMPLEB9UP";
/// The event whose work is undone, and whom it was about.
const UNDONE: (&str, &str) = ("user-inline-policy-plain-text", "tobias.okafor");
/// Who has left.
const LEAVER: &str = "user/warehouse/victor.lund";
/// Malformed events shown in full; the others are alike.
const SHOWN_MALFORMED: usize = 4;

/// Plays the demo and shows it.
pub(super) fn tell(page: &mut Page<'_>, local: &Local) -> Result<Seen, CliError> {
    let mut teller = Teller { local, events: BTreeMap::new(), tally: Tally::default() };
    let before = local.world.account();
    teller.changes(page)?;
    teller.schedules(page)?;
    teller.sweeps(page)?;
    let stopped = teller.stopped(page)?;
    let (suspended, role_refused) = teller.orders(page)?;
    let (undone, told_again) = teller.undo(page)?;
    let after_undo = local.world.account();
    teller.malformed(page)?;
    section(page, 8, "Each guard refuses", "each in an account of its own, with one user")?;
    let guards = super::guards::show(page)?;
    section(
        page,
        9,
        "An attack is contained, and lifted",
        "as CloudTrail tells of it, in an account of its own",
    )?;
    let attack = super::attack::show(page)?;
    Ok(Seen {
        guards,
        attack,
        before,
        after: local.world.account(),
        events: teller.events,
        stopped,
        suspended,
        role_refused,
        undone,
        after_undo,
        told_again,
        calls: local.world.calls(),
        tally: teller.tally,
    })
}

struct Teller<'a> {
    local: &'a Local,
    events: BTreeMap<&'static str, Shown>,
    tally: Tally,
}

impl Teller<'_> {
    fn changes(&mut self, page: &mut Page<'_>) -> Result<(), CliError> {
        let heading = format!("AWS Config tells of {} changes", CHANGES.len());
        section(page, 1, &heading, "judged from the event alone, without a read")?;
        let mut quiet = Vec::new();
        for sample in CHANGES {
            let happened = self.deliver(sample)?;
            if happened.judged().any(|(_, _, judged)| is_worth_a_line(judged)) {
                delivery(page, sample.title(), happened)?;
            } else {
                quiet.push(*sample);
            }
        }
        for sample in quiet {
            if let Some(shown) = self.events.get(sample.title()) {
                delivery(page, sample.title(), &shown.happened)?;
            }
        }
        let others: Vec<&str> = OTHER_PARTITIONS.iter().map(Sample::title).collect();
        let left_out = format!("(not replayed, of other AWS partitions: {})", others.join(", "));
        page.flow(0, 2, &[(FAINT, &left_out)])?;
        Ok(())
    }

    fn schedules(&mut self, page: &mut Page<'_>) -> Result<(), CliError> {
        section(
            page,
            2,
            "AWS Config's schedules ask for the whole account",
            "one rule at a time, in bulk reads",
        )?;
        let read = Operation::Read(Read::GetAccessKeyLastUsed);
        self.local.world.fail_later(read, Some(UNREADABLE_KEY), 0, Fault::Denied, Times::Next(1));
        for sample in SCHEDULES {
            let happened = self.deliver(sample)?;
            delivery(page, sample.title(), happened)?;
        }
        Ok(())
    }

    fn sweeps(&mut self, page: &mut Page<'_>) -> Result<(), CliError> {
        // By then IAM's credential report, up to four hours old, has caught up.
        self.local.world.advance(SignedDuration::from_hours(5));
        section(
            page,
            3,
            "Five hours later a sweep finds what no event told",
            "a second one has nothing left to do",
        )?;
        for sample in SWEEPS {
            let happened = self.deliver(sample)?;
            delivery(page, sample.title(), happened)?;
        }
        Ok(())
    }

    /// An order while everything is stopped.
    fn stopped(&mut self, page: &mut Page<'_>) -> Result<Option<Outcome>, CliError> {
        section(page, 4, "Somebody stops everything", "the switch is read before every write")?;
        let world = &self.local.world;
        world.set_stop(Some(Stop {
            since: world.now(),
            by: "hanneke.vos@larkfield.example".to_owned(),
            reason: "the night freight is being booked".to_owned(),
            undo_too: false,
            tripped: None,
        }));
        let refused = self.order(page, LEAVER, "left the company yesterday")?;
        self.local.world.set_stop(None);
        page.flow(
            0,
            2,
            &[(FAINT, "● "), (STRONG, "the switch is taken away"), (FAINT, "  by a person, never by time")],
        )?;
        Ok(refused)
    }

    fn orders(&mut self, page: &mut Page<'_>) -> Result<(Option<Outcome>, Option<Outcome>), CliError> {
        section(page, 5, "A person orders two suspensions", "modes do not bind a person, guards do")?;
        let leaver = self.order(page, LEAVER, "left the company yesterday")?;
        let role = self.order(page, "role/AWSControlTowerExecution", "looks unused")?;
        Ok((leaver, role))
    }

    fn order(
        &mut self,
        page: &mut Page<'_>,
        principal: &str,
        reason: &str,
    ) -> Result<Option<Outcome>, CliError> {
        let arn = format!("arn:aws:iam::{}:{principal}", self.local.deployment.account);
        let Ok(principal) = Arn::parse(&arn) else { return Ok(None) };
        let title = format!("suspend {}", principal.resource());
        page.flow(0, 2, &[(FAINT, "● "), (STRONG, &title), (FAINT, &format!("  “{reason}”"))])?;
        let order = SuspendOrder {
            principal,
            reason: reason.to_owned(),
            requested_by: "hanneke.vos@larkfield.example".to_owned(),
            threat: None,
        };
        self.settle(page, self.local.suspend(&order))
    }

    fn undo(&mut self, page: &mut Page<'_>) -> Result<(Option<Outcome>, Option<Happened>), CliError> {
        let (event, name) = UNDONE;
        section(page, 6, "One change is undone", "and ten minutes later it is not done all over again")?;
        let Some(id) = self.written_for(event, name) else { return Ok((None, None)) };
        page.flow(
            0,
            2,
            &[
                (FAINT, "● "),
                (STRONG, &format!("restore {id}")),
                (FAINT, "  “the quarterly export needs it”"),
            ],
        )?;
        let request = RestoreRequest {
            journal_id: id,
            requested_by: "hanneke.vos@larkfield.example".to_owned(),
            reason: "the quarterly export needs it until the group has the permission".to_owned(),
            reactivate_keys: false,
        };
        let undone = self.settle(page, self.local.restore(&request))?;
        self.compare(page, event, name)?;
        // A queue drops what it was told within the last minutes.
        self.local.world.advance(SignedDuration::from_mins(10));
        let Some(sample) = CHANGES.iter().find(|sample| sample.title() == event) else {
            return Ok((undone, None));
        };
        let again = Happened::deliver(self.local, &parse(sample)?);
        self.tally.add(&again);
        delivery(page, &format!("{event}, told again"), &again)?;
        Ok((undone, Some(again)))
    }

    fn written_for(&self, event: &str, name: &str) -> Option<JournalId> {
        let entries = &self.events.get(event)?.happened.entries;
        let entry = entries
            .iter()
            .find(|entry| entry.plan.resource.name() == name && entry.status == Status::Verified)?;
        Some(entry.id.clone())
    }

    /// Shows that the user is, byte for byte, what it was before the event.
    fn compare(&self, page: &mut Page<'_>, event: &str, name: &str) -> Result<(), CliError> {
        let before = self.events.get(event).and_then(|shown| bytes(&shown.before, name));
        let now = bytes(&self.local.world.account(), name);
        let (style, said) = match before {
            Some(bytes) if now.as_ref() == Some(&bytes) => {
                (GOOD, format!("user {name} is what it was before, byte for byte ({} of them)", bytes.len()))
            }
            _ => (WRONG, format!("user {name} is not what it was before")),
        };
        page.flow(4, 14, &[(style, "compared  "), (PLAIN, &said)])?;
        Ok(())
    }

    fn malformed(&mut self, page: &mut Page<'_>) -> Result<(), CliError> {
        section(page, 7, "Events that make no sense", "each ends in the dead letters, with the field named")?;
        for (index, sample) in MALFORMED.iter().enumerate() {
            let happened = self.deliver(sample)?;
            if index < SHOWN_MALFORMED || happened.delivery.evaluated.is_ok() {
                delivery(page, sample.title(), happened)?;
            }
        }
        let more = count(
            MALFORMED.len().saturating_sub(SHOWN_MALFORMED) as u64,
            "more of the kind",
            "more of the kind",
        );
        page.flow(
            0,
            2,
            &[(
                FAINT,
                &format!(
                    "({more}: `bailiff replay events/malformed/*.json --account cli/demo/account.json`)"
                ),
            )],
        )?;
        Ok(())
    }

    fn deliver(&mut self, sample: &Sample) -> Result<&Happened, CliError> {
        let world = &self.local.world;
        let (before, writes) = (world.account(), world.calls().iam_writes());
        let happened = Happened::deliver(self.local, &parse(sample)?);
        self.tally.add(&happened);
        let writes = world.calls().iam_writes() - writes;
        let shown = Shown { happened, before, after: world.account(), writes };
        let kept = self.events.entry(sample.title()).insert_entry(shown).into_mut();
        Ok(&kept.happened)
    }

    fn settle(
        &mut self,
        page: &mut Page<'_>,
        result: Result<Outcome, EngineError>,
    ) -> Result<Option<Outcome>, CliError> {
        match result {
            Ok(settled) => {
                outcome(page, &settled)?;
                if let Some(entry) = settled.entry() {
                    self.tally.add_entry(entry);
                }
                Ok(Some(settled))
            }
            Err(error) => {
                page.flow(2, 4, &[(WRONG, "! "), (PLAIN, &error.to_string())])?;
                Ok(None)
            }
        }
    }
}

fn is_worth_a_line(judged: &Judged) -> bool {
    !matches!(judged, Judged::Compliant | Judged::NotApplicable { .. })
}

fn section(page: &mut Page<'_>, number: usize, heading: &str, note: &str) -> Result<(), CliError> {
    page.gap()?;
    page.flow(0, 0, &[(STRONG, &format!("{number}. {heading}")), (FAINT, &format!(" ({note})"))])?;
    page.gap()?;
    Ok(())
}

fn parse(sample: &Sample) -> Result<Value, CliError> {
    Ok(serde_json::from_str(sample.text)?)
}
