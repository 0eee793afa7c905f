//! Random requests in which things meet: few principals, actions, resources, keys and values, and statements made with
//! an eye on the request. The same seed makes the same case, on every machine.

mod condition;
mod dice;
mod fault;
mod form;
mod scene;
mod statement;

use serde_json::{Map, Value, json};

use dice::Dice;
use scene::Scene;

/// One request with its policies, as the evaluator takes them. A few are such that they must be refused.
pub(crate) fn case(seed: u64) -> Value {
    made(seed).0
}

/// Whether the case of that seed is one that must be refused.
pub(crate) fn is_faulty(seed: u64) -> bool {
    made(seed).1
}

fn made(seed: u64) -> (Value, bool) {
    let dice = &mut Dice::new(seed);
    let scene = Scene::new(dice);
    let mut request = scene.request(dice);
    for (slot, documents) in slots(&scene, dice) {
        request.insert(slot, documents);
    }
    let faulty = dice.percent(5);
    if faulty {
        fault::strike(&mut request, dice);
    }
    form::vary(&mut request, dice);
    (Value::Object(request), faulty)
}

/// What sort of policy a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Identity,
    /// What only caps: boundaries, session policies, SCPs.
    Cap,
    Resource,
    Endpoint,
    ResourceControl,
}

impl Slot {
    fn has_principal(self) -> bool {
        matches!(self, Self::Resource | Self::Endpoint | Self::ResourceControl)
    }
}

/// The slots whose value is a list of levels.
const LEVELLED: [&str; 2] = ["serviceControlPolicies", "resourceControlPolicies"];

fn slots(scene: &Scene, dice: &mut Dice) -> Map<String, Value> {
    let mut slots = Map::new();
    if dice.percent(20) && !scene.is_trust() && scene.account.is_some() {
        slots.insert("identityPolicies".to_owned(), json!([statement::only_conditions(scene, dice)]));
        return slots;
    }
    let sessions = if scene.is_session() { 30 } else { 5 };
    let plans = [
        ("identityPolicies", Slot::Identity, 85, 2),
        ("permissionBoundaries", Slot::Cap, 18, 1),
        ("sessionPolicy", Slot::Cap, sessions, 1),
        ("resourcePolicy", Slot::Resource, scene.resource_policies(), 1),
        ("endpointPolicies", Slot::Endpoint, 8, 2),
    ];
    for (name, slot, chance, most) in plans {
        if dice.percent(chance) {
            let count = if dice.percent(90) { 1 + dice.below(most) } else { dice.below(3) };
            slots.insert(name.to_owned(), documents(slot, count, scene, dice));
        }
    }
    for (name, slot, chance) in [(LEVELLED[0], Slot::Cap, 20), (LEVELLED[1], Slot::ResourceControl, 10)] {
        if dice.percent(chance) {
            let levels = (0..dice.below(4)).map(|_| level(slot, scene, dice)).collect();
            slots.insert(name.to_owned(), Value::Array(levels));
        }
    }
    slots
}

fn level(slot: Slot, scene: &Scene, dice: &mut Dice) -> Value {
    let count = if dice.percent(4) { 0 } else { 1 + dice.below(2) };
    documents(slot, count, scene, dice)
}

fn documents(slot: Slot, count: usize, scene: &Scene, dice: &mut Dice) -> Value {
    Value::Array((0..count).map(|_| statement::document(slot, scene, dice)).collect())
}
