//! Several functions at work at once: each call is a turn, and those that sleep have none.

use std::future::poll_fn;
use std::task::Poll;

use jiff::Timestamp;

use super::World;

/// How a function's turn ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Turn {
    /// Before its next call.
    #[default]
    Over,
    /// It sleeps.
    Asleep(Timestamp),
    /// It died, and has no further one.
    Dead,
}

impl World {
    /// Lets functions take turns from now on, or no more.
    pub(crate) fn take_turns(&self, by_turns: bool) {
        self.state.borrow_mut().by_turns = by_turns;
    }

    /// How the last turn ended.
    pub(crate) fn turn(&self) -> Turn {
        std::mem::take(&mut self.state.borrow_mut().turn)
    }

    /// Gives the turn away once.
    pub(super) async fn let_others_go_on(&self) {
        let mut gives_it_away = self.state.borrow().by_turns;
        poll_fn(|_| if std::mem::take(&mut gives_it_away) { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    /// Gives turns away until it is that late; a function that is alone makes the time pass.
    pub(super) async fn sleep_until(&self, time: Timestamp) {
        self.while_alive().await;
        poll_fn(|_| {
            let mut state = self.state.borrow_mut();
            if !state.by_turns {
                state.now = state.now.max(time);
            }
            if state.now >= time {
                return Poll::Ready(());
            }
            state.turn = Turn::Asleep(time);
            Poll::Pending
        })
        .await;
    }

    /// The end of a function: whoever runs it sees that it makes no headway any more, and drops it.
    pub(super) fn die(&self) {
        let state = &mut *self.state.borrow_mut();
        (state.turn, state.dead) = (Turn::Dead, true);
    }

    /// What a function does at the same time ends with it.
    pub(super) async fn while_alive(&self) {
        if self.state.borrow().dead {
            std::future::pending::<()>().await;
        }
    }

    /// Whoever makes calls from now on is another.
    pub(crate) fn bury(&self) {
        self.state.borrow_mut().dead = false;
    }
}
