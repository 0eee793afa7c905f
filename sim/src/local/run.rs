use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::world::World;

/// A function that died at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Died;

/// Runs a pipeline. The simulated ports answer at once, always; one that makes a pipeline wait has killed it.
pub(super) fn run<T>(world: &World, pipeline: impl Future<Output = T>) -> Result<T, Died> {
    let polled = pin!(pipeline).poll(&mut Context::from_waker(Waker::noop()));
    world.bury();
    match polled {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err(Died),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: &str = r#"{"account": "111122223333", "now": "2026-11-22T09:00:00Z"}"#;

    #[test]
    fn what_waits_is_dead() {
        let world = World::new(crate::account_file::AccountFile::parse(NOBODY).unwrap());
        assert_eq!(run(&world, async { 7 }), Ok(7));
        assert_eq!(run(&world, std::future::pending::<()>()), Err(Died));
    }
}
