use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A function that died at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Died;

/// Runs a pipeline. The simulated ports answer at once, always; one that makes a pipeline wait has killed it.
pub(super) fn run<T>(pipeline: impl Future<Output = T>) -> Result<T, Died> {
    match pin!(pipeline).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Ok(answer),
        Poll::Pending => Err(Died),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_dead() {
        assert_eq!(run(async { 7 }), Ok(7));
        assert_eq!(run(std::future::pending::<()>()), Err(Died));
    }
}
