mod delivery;
mod detect;
mod directory;
mod drain;
mod meeting;
mod notices;
mod run;

use serde_json::Value;
use shared::engine::{
    AccountEvaluator, Answer, Answered, Approving, ChangeEvaluator, Deployment, EngineError, Outcome,
    Remediation, Restoration, RestoreRequest, Summary, SuspendOrder,
};
use shared::event::{ConfigRuleInvocation, Event, Notification};
use shared::governance::Governance;
use shared::remedy::{Approver, Remediator};

use jiff::SignedDuration;

pub use delivery::{DeadLetter, Delivered, Delivery, DeliveryError};
pub use directory::Hearing;
pub use meeting::Work;
use run::{Died, run};

use crate::world::World;

const EVALUATE_CHANGES: &str = "evaluate-changes";
const EVALUATE_ACCOUNT: &str = "evaluate-account";
const APPROVE_PLAN: &str = "approve-plan";

/// Lambda tries an event that was sent to a function this often (`MaximumRetryAttempts: 2`).
const TRIES_OF_AN_EVENT: u32 = 3;
/// It waits a minute before the second try, two before the third.
const BETWEEN_TRIES: SignedDuration = SignedDuration::from_mins(1);

/// Bailiff in one process: what its functions and the queues between them do, over a simulated account.
pub struct Local {
    /// The account, and all around it.
    pub world: World,
    /// The governance file.
    pub governance: Governance,
    /// The deployment.
    pub deployment: Deployment,
    /// Whether suspend-principal is told of events too (`DenyFirst` in `template.yaml`), before detect-threats is.
    pub denies_first: bool,
}

impl Local {
    /// Bailiff, deployed into an account.
    pub fn new(world: World, governance: Governance, deployment: Deployment) -> Self {
        world.deploy(&deployment);
        Self { world, governance, deployment, denies_first: false }
    }

    /// Delivers an event to the function that the template routes it to, then works off the queues.
    pub fn deliver(&self, event: &Value) -> Delivery {
        let mut dead_letters = Vec::new();
        let evaluated = if detect::is_a_trigger(event) {
            if self.denies_first {
                self.deny_first(event);
            }
            self.detect(event, &mut dead_letters)
        } else {
            self.evaluate(event, &mut dead_letters)
        };
        let findings = self.drain(&mut dead_letters);
        Delivery { evaluated, findings, dead_letters, decisions: self.world.take_decisions() }
    }

    /// Delivers an event and leaves the queues as they are.
    pub(crate) fn evaluate_only(&self, event: &Value) -> (Result<Summary, DeliveryError>, Vec<DeadLetter>) {
        let mut dead_letters = Vec::new();
        let evaluated = self.evaluate(event, &mut dead_letters);
        (evaluated, dead_letters)
    }

    /// Works off the queues alone.
    pub fn work_off(&self) -> (Vec<Delivered>, Vec<DeadLetter>) {
        let mut dead_letters = Vec::new();
        let findings = self.drain(&mut dead_letters);
        (findings, dead_letters)
    }

    /// Suspends a principal on a person's order.
    pub fn suspend(&self, order: &SuspendOrder) -> Result<Outcome, EngineError> {
        self.world.set_function(Remediator::SuspendPrincipal.as_str());
        let remediation = self.remediation(Remediator::SuspendPrincipal);
        run(&self.world, remediation.suspend(order)).unwrap_or_else(|Died| Err(died()))
    }

    /// Undoes a journal entry.
    pub fn restore(&self, request: &RestoreRequest) -> Result<Outcome, EngineError> {
        self.world.set_function(Remediator::Restore.as_str());
        run(&self.world, self.restoration().restore(request)).unwrap_or_else(|Died| Err(died()))
    }

    /// Takes a person's answer to a plan that waits for approval. What it sets off stays in the queue.
    pub fn answer(&self, by: Approver, answer: Answer) -> Result<Answered, EngineError> {
        self.world.set_function(APPROVE_PLAN);
        let approving = Approving { ports: &self.world, governance: &self.governance };
        run(&self.world, approving.answer(by, answer)).unwrap_or_else(|Died| Err(died()))
    }

    fn restoration(&self) -> Restoration<'_, World> {
        Restoration { ports: &self.world, governance: &self.governance, deployment: &self.deployment }
    }

    fn remediation(&self, remediator: Remediator) -> Remediation<'_, World> {
        Remediation {
            ports: &self.world,
            governance: &self.governance,
            deployment: &self.deployment,
            remediator,
        }
    }

    fn evaluate(&self, event: &Value, dead_letters: &mut Vec<DeadLetter>) -> Result<Summary, DeliveryError> {
        let dead =
            |function, why: String, tries| DeadLetter { function, body: event.to_string(), why, tries };
        let parsed = match Event::parse(event) {
            Ok(parsed) => parsed,
            Err(error) => {
                // An error is an error to Lambda: it tries again, whatever it is told.
                dead_letters.push(dead(function_of(event), error.to_string(), TRIES_OF_AN_EVENT));
                return Err(error.into());
            }
        };
        let function = match &parsed {
            Event::ConfigRule(invocation) if is_of_an_item(invocation) => EVALUATE_CHANGES,
            Event::ConfigRule(_) | Event::Scheduled(_) => EVALUATE_ACCOUNT,
        };
        let mut tries = 0;
        let failed = loop {
            tries += 1;
            let failed = match self.evaluate_once(&parsed, function) {
                Ok(Ok(summary)) => return Ok(summary),
                Ok(Err(error)) => DeliveryError::Engine(error),
                Err(Died) => DeliveryError::Died(tries),
            };
            if tries == TRIES_OF_AN_EVENT {
                break failed;
            }
            self.world.advance(BETWEEN_TRIES * i32::try_from(tries).unwrap_or(1));
        };
        dead_letters.push(dead(function, failed.to_string(), tries));
        Err(failed)
    }

    fn evaluate_once(
        &self,
        event: &Event,
        function: &'static str,
    ) -> Result<Result<Summary, EngineError>, Died> {
        self.world.set_function(function);
        match event {
            Event::ConfigRule(invocation) => {
                let token = invocation.result_token.as_str();
                self.world.issue_token(token, &invocation.rule_name);
                let summary = self.evaluate_invocation(invocation);
                self.world.retire_token(token);
                summary
            }
            Event::Scheduled(event) => run(&self.world, self.account_evaluator().reconcile(event)),
        }
    }

    fn evaluate_invocation(
        &self,
        invocation: &ConfigRuleInvocation,
    ) -> Result<Result<Summary, EngineError>, Died> {
        if is_of_an_item(invocation) {
            let evaluator = ChangeEvaluator {
                ports: &self.world,
                governance: &self.governance,
                deployment: &self.deployment,
            };
            run(&self.world, evaluator.evaluate(invocation))
        } else {
            run(&self.world, self.account_evaluator().evaluate(invocation))
        }
    }

    fn account_evaluator(&self) -> AccountEvaluator<'_, World> {
        AccountEvaluator { ports: &self.world, governance: &self.governance, deployment: &self.deployment }
    }
}

fn is_of_an_item(invocation: &ConfigRuleInvocation) -> bool {
    match &invocation.notification {
        Notification::ItemChanged(_) | Notification::ItemOversized(_) => true,
        Notification::Scheduled { .. } | Notification::SnapshotDelivered { .. } => false,
    }
}

/// The function that gets an event which cannot be understood: AWS Config's go to the one for changes.
fn function_of(event: &Value) -> &'static str {
    if event.get("invokingEvent").is_some() { EVALUATE_CHANGES } else { EVALUATE_ACCOUNT }
}

fn died() -> EngineError {
    EngineError::Retry("the function died at work".to_owned())
}
