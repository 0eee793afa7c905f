//! What the analysis of policies says of an actor.

pub(super) fn routes(_: &super::actor::Actor<'_>) -> Vec<super::route::Route> {
    Vec::new()
}
