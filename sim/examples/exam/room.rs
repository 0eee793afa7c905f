use std::error::Error;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::engine::{self, Deployment, EngineError, Outcome, RestoreRequest, SuspendOrder};
use shared::governance::Governance;
use shared::identifier::Arn;
use shared::remedy::Approver;
use sim::{AccountFile, DeadLetter, Local, Operation, Times, World};

use crate::command::{Call, Command};

/// One scenario's account with Bailiff in it.
pub(crate) struct Room {
    local: Local,
    /// Why the governance file is refused. Each function reads it first and then does nothing else.
    refused: Option<String>,
}

type Answer = Result<Value, Box<dyn Error>>;

impl Room {
    /// Carries a command out.
    pub(crate) fn take(room: &mut Option<Self>, line: &str) -> Answer {
        match serde_json::from_str(line)? {
            Command::Begin { account, governance } => {
                *room = Some(Self::begin(&account, &governance)?);
                Ok(json!({}))
            }
            Command::Govern { governance } => {
                let room = room.as_mut().ok_or("`begin` comes first")?;
                (room.local.governance, room.refused) = read(&governance)?;
                Ok(json!({}))
            }
            command => room.as_ref().ok_or("`begin` comes first")?.carry_out(command),
        }
    }

    fn begin(account: &Value, governance: &str) -> Result<Self, Box<dyn Error>> {
        let account = AccountFile::parse(&account.to_string())?;
        let deployment = Deployment {
            account: account.account.clone(),
            stack: "bailiff".to_owned(),
            quarantine_policy: Arn::parse(&format!(
                "arn:aws:iam::{}:policy/bailiff-quarantine",
                account.account
            ))?,
        };
        let (governance, refused) = read(governance)?;
        Ok(Self { local: Local::new(World::new(account), governance, deployment), refused })
    }

    fn carry_out(&self, command: Command) -> Answer {
        let world = &self.local.world;
        match command {
            Command::Begin { .. } | Command::Govern { .. } => Err("it was carried out already".into()),
            Command::Deliver { event } => Ok(self.deliver(&event)),
            Command::Message { to, group, body } => {
                if let Some(why) = &self.refused {
                    return Ok(told(Some(why), &[]));
                }
                world.put_message(to, &group, &body);
                let (_, dead_letters) = self.local.work_off();
                Ok(told(None, &dead_letters))
            }
            Command::Suspend { order } => Ok(self.ordered(|| {
                let order = SuspendOrder::parse(&order).map_err(|error| error.to_string())?;
                self.local.suspend(&order).map_err(|error: EngineError| error.to_string())
            })),
            Command::Restore { request } => Ok(self.ordered(|| {
                let request = RestoreRequest::parse(&request).map_err(|error| error.to_string())?;
                self.local.restore(&request).map_err(|error: EngineError| error.to_string())
            })),
            Command::Answer { by, answer } => Ok(self.answered(&by, &answer)),
            Command::Edit { account } => {
                let file = AccountFile::parse(&account.to_string())?;
                world.edit(|current| replace(current, file));
                Ok(json!({}))
            }
            Command::EditBefore { call: Call(operation), after, account } => {
                let file = AccountFile::parse(&account.to_string())?;
                world.edit_before(operation, after, |current| replace(current, file));
                Ok(json!({}))
            }
            Command::StopBefore { call: Call(operation), after, order } => {
                world.stop_before(operation, after, order);
                Ok(json!({}))
            }
            Command::Fail { call: Call(operation), fault, after, times } => {
                let times = times.map_or(Times::Always, Times::Next);
                world.fail_later(operation, None, after, fault.into(), times);
                Ok(json!({}))
            }
            Command::Heal => {
                world.heal();
                world.set_lag(SignedDuration::ZERO);
                Ok(json!({}))
            }
            Command::Die { after } => {
                world.die_after(after);
                Ok(json!({}))
            }
            Command::Pass { seconds } => {
                world.advance(SignedDuration::from_secs(seconds));
                let (_, dead_letters) = self.local.work_off();
                Ok(told(None, &dead_letters))
            }
            Command::Lag { seconds } => {
                world.set_lag(SignedDuration::from_secs(seconds));
                Ok(json!({}))
            }
            Command::Stop { order } => {
                world.set_stop(order);
                Ok(json!({}))
            }
            Command::Look => Ok(self.look()),
        }
    }

    fn deliver(&self, event: &Value) -> Value {
        if let Some(why) = &self.refused {
            return told(Some(why), &[]);
        }
        let delivery = self.local.deliver(event);
        let error = delivery.evaluated.err().map(|error| error.to_string());
        told(error.as_deref(), &delivery.dead_letters)
    }

    fn answered(&self, by: &str, answer: &Value) -> Value {
        if let Some(why) = &self.refused {
            return told(Some(why), &[]);
        }
        let answered = || {
            let by = Approver::of(by).map_err(|error| error.to_string())?;
            let answer = engine::Answer::deserialize(answer).map_err(|error| error.to_string())?;
            self.local.answer(by, answer).map_err(|error| error.to_string())
        };
        let refused = answered().err();
        let (_, dead_letters) = self.local.work_off();
        told(refused.as_deref(), &dead_letters)
    }

    fn ordered(&self, carry_out: impl FnOnce() -> Result<Outcome, String>) -> Value {
        if let Some(why) = &self.refused {
            return json!({ "refused": why });
        }
        match carry_out() {
            Ok(Outcome::Journaled { entry, .. }) => json!({ "entry": entry.id, "status": entry.status }),
            Ok(Outcome::NothingToDo { why, .. }) => json!({ "nothing": why }),
            Err(why) => json!({ "refused": why }),
        }
    }

    fn look(&self) -> Value {
        let world = &self.local.world;
        let calls: Vec<Value> = world
            .calls()
            .0
            .iter()
            .map(|call| {
                json!({
                    "by": call.function, "action": call.operation.action(), "on": call.target,
                    "writes": matches!(call.operation, Operation::Write(_)),
                })
            })
            .collect();
        let reported: Vec<Value> = world
            .evaluations()
            .into_iter()
            .map(|reported| json!({ "rule": reported.rule_name, "evaluation": reported.evaluation }))
            .collect();
        let notices = world.notices();
        json!({
            "account": world.account(), "entries": world.entries(), "calls": calls, "reported": reported,
            "notices": notices.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(),
            "stopped": world.stop_order(), "now": world.now(),
        })
    }
}

/// A governance file, or the one that ships and why this one is refused.
fn read(text: &str) -> Result<(Governance, Option<String>), Box<dyn Error>> {
    match Governance::parse(text) {
        Ok(governance) => Ok((governance, None)),
        Err(errors) => Ok((Governance::parse("version: 1")?, Some(errors.to_string()))),
    }
}

/// The file in the account's place, at the time that it is.
fn replace(current: &mut AccountFile, file: AccountFile) {
    let now = current.now;
    *current = file;
    current.now = now;
}

fn told(error: Option<&str>, dead_letters: &[DeadLetter]) -> Value {
    let dead: Vec<Value> = dead_letters
        .iter()
        .map(|letter| json!({ "function": letter.function, "why": letter.why, "tries": letter.tries }))
        .collect();
    json!({ "refused": error, "deadLetters": dead })
}
