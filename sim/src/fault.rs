use crate::call::Operation;
use crate::random::Random;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Throttled, also after every retry. Nothing was done.
    Throttled,
    /// The function's role may not.
    Denied,
    /// Another error. Nothing was done.
    Failed,
    /// It was done, and the answer never came.
    LostAnswer,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// The next so many calls.
    Next(u32),
    /// Every call from now on.
    Always,
}

/// How often calls go wrong by chance, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chances {
    /// Throttled.
    pub throttled: u16,
    /// Denied.
    pub denied: u16,
    /// Failed.
    pub failed: u16,
    /// Done, the answer lost.
    pub lost_answer: u16,
}

impl Fault {
    /// What AWS would have said.
    pub(crate) fn said(self, operation: Operation) -> String {
        match self {
            Self::Throttled => "Throttling: Rate exceeded".to_owned(),
            Self::Denied => format!(
                "AccessDenied: not authorized to perform: {} because no identity-based policy allows it",
                operation.action()
            ),
            Self::Failed => "ValidationError: the request was not understood".to_owned(),
            Self::LostAnswer => "the connection was closed before an answer came".to_owned(),
        }
    }
}

/// Faults to come.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planned: Vec<Planned>,
    weather: Option<(Random, Chances)>,
}

#[derive(Debug)]
struct Planned {
    operation: Operation,
    /// Only calls about this, where it says.
    target: Option<String>,
    /// Calls that go well first.
    spared: u32,
    fault: Fault,
    times: Times,
}

impl Faults {
    pub(crate) fn plan(
        &mut self,
        operation: Operation,
        target: Option<&str>,
        spared: u32,
        fault: Fault,
        times: Times,
    ) {
        self.planned.push(Planned { operation, target: target.map(str::to_owned), spared, fault, times });
    }

    pub(crate) fn set_weather(&mut self, seed: u64, chances: Chances) {
        self.weather = Some((Random::new(seed), chances));
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What goes wrong with this call, if anything does.
    pub(crate) fn strike(&mut self, operation: Operation, target: &str) -> Option<Fault> {
        for planned in &mut self.planned {
            let meant = planned.operation == operation
                && planned.target.as_deref().is_none_or(|wanted| wanted == target);
            if !meant {
                continue;
            }
            if planned.spared > 0 {
                planned.spared -= 1;
                continue;
            }
            match &mut planned.times {
                Times::Always => return Some(planned.fault),
                Times::Next(0) => {}
                Times::Next(left) => {
                    *left -= 1;
                    return Some(planned.fault);
                }
            }
        }
        let (random, chances) = self.weather.as_mut()?;
        let mut dice = random.below(1_000);
        for (thousandths, fault) in [
            (chances.throttled, Fault::Throttled),
            (chances.denied, Fault::Denied),
            (chances.failed, Fault::Failed),
            (chances.lost_answer, Fault::LostAnswer),
        ] {
            match dice.checked_sub(u64::from(thousandths)) {
                None => return Some(fault),
                Some(rest) => dice = rest,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use shared::facts::Read;

    use super::*;

    const GET_USER: Operation = Operation::Read(Read::GetUser);

    #[test]
    fn a_fault_strikes_as_often_as_it_was_planned_and_no_other_call() {
        let mut faults = Faults::default();
        faults.plan(GET_USER, Some("ada"), 1, Fault::Throttled, Times::Next(2));
        assert_eq!(faults.strike(GET_USER, "bob"), None);
        assert_eq!(faults.strike(Operation::PutEvaluations, "ada"), None);
        let struck: Vec<_> = (0..4).map(|_| faults.strike(GET_USER, "ada").is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
    }

    #[test]
    fn weather_follows_its_seed_and_its_rates() {
        let strikes = |seed| {
            let mut faults = Faults::default();
            faults.set_weather(seed, Chances { throttled: 200, lost_answer: 100, ..Chances::default() });
            (0..1_000).map(|_| faults.strike(GET_USER, "")).collect::<Vec<_>>()
        };
        assert_eq!(strikes(1), strikes(1));
        let throttled = strikes(1).iter().filter(|fault| **fault == Some(Fault::Throttled)).count();
        let lost = strikes(1).iter().filter(|fault| **fault == Some(Fault::LostAnswer)).count();
        assert!((150..250).contains(&throttled) && (70..130).contains(&lost), "{throttled} {lost}");
    }
}
