//! What detectors and CloudTrail tell, from its queue to detect-threats.

use serde_json::Value;
use shared::engine::{EngineError, Summary, ThreatDetector};
use shared::event::Trigger;
use shared::remedy::Remediator;

use super::run::{Died, run};
use super::{DeadLetter, Delivery, DeliveryError, Local};

const DETECT_THREATS: &str = "detect-threats";

/// A message is received this often before it lies with the dead letters (`maxReceiveCount: 5`).
const RECEIPTS: u32 = 5;

/// The detail types of detectors (`DetectorFindings` in `template.yaml`).
const FINDINGS: [&str; 12] = [
    "AWS Health Event",
    "Access Analyzer Finding",
    "Config Rules Compliance Change",
    "Findings Imported V2",
    "GuardDuty Finding",
    "Internal Access Finding",
    "Macie Alert",
    "Macie Finding",
    "Security Hub Findings - Custom Action",
    "Security Hub Findings - Imported",
    "Trusted Advisor Check Item Refresh Notification",
    "Unused Access Finding for IAM entities",
];

/// Whether it goes to detect-threats. By its detail type alone: all that CloudTrail tells goes there, whatever its source,
/// and so do calls that only read. The rules in `template.yaml` send less, by patterns that nothing here reads.
pub(super) fn is_a_trigger(event: &Value) -> bool {
    let detail_type = event.get("detail-type").and_then(Value::as_str).unwrap_or_default();
    detail_type.ends_with(" via CloudTrail") || FINDINGS.contains(&detail_type)
}

impl Local {
    pub(super) fn detect(
        &self,
        event: &Value,
        dead_letters: &mut Vec<DeadLetter>,
    ) -> Result<Summary, DeliveryError> {
        let mut failed = DeliveryError::Died(0);
        for receipt in 1..=RECEIPTS {
            failed = match self.detect_once(event) {
                Ok(Ok(summary)) => return Ok(summary),
                Ok(Err(error)) => DeliveryError::Engine(error),
                Err(Died) => DeliveryError::Died(receipt),
            };
        }
        let (function, body) = (DETECT_THREATS, event.to_string());
        dead_letters.push(DeadLetter { function, body, why: failed.to_string(), tries: RECEIPTS });
        Err(failed)
    }

    /// Follows what an event was read as, once, and works off the queues.
    pub fn follow(&self, triggers: &[Trigger]) -> Delivery {
        self.world.set_function(DETECT_THREATS);
        let detector =
            ThreatDetector { ports: &self.world, governance: &self.governance, deployment: &self.deployment };
        let mut summary = Summary::default();
        let evaluated = match run(&self.world, detector.detect(triggers, &mut summary)) {
            Ok(Ok(())) => Ok(summary),
            Ok(Err(error)) => Err(DeliveryError::Engine(error)),
            Err(Died) => Err(DeliveryError::Died(1)),
        };
        let mut dead_letters = Vec::new();
        let findings = self.drain(&mut dead_letters);
        Delivery { evaluated, findings, dead_letters, decisions: self.world.take_decisions() }
    }

    /// What suspend-principal does with an event itself, once: whatever fails is left to those who look closer.
    pub fn deny_first(&self, event: &Value) {
        self.world.set_function(Remediator::SuspendPrincipal.as_str());
        if let Ok(triggers) = Trigger::parse(event, &self.deployment.ours()) {
            let _ = run(&self.world, self.remediation(Remediator::SuspendPrincipal).deny_first(&triggers));
        }
    }

    fn detect_once(&self, event: &Value) -> Result<Result<Summary, EngineError>, Died> {
        self.world.set_function(DETECT_THREATS);
        let triggers = match Trigger::parse(event, &self.deployment.ours()) {
            Ok(triggers) => triggers,
            Err(error) => return Ok(Err(EngineError::Permanent(error.to_string()))),
        };
        let detector =
            ThreatDetector { ports: &self.world, governance: &self.governance, deployment: &self.deployment };
        let mut summary = Summary::default();
        Ok(run(&self.world, detector.detect(&triggers, &mut summary))?.map(|()| summary))
    }
}
