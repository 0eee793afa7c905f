use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

/// A message on a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The finding, as it travels.
    pub(crate) body: String,
    /// The principal's unique id: one at a time of these.
    pub(crate) group: String,
    /// How often it was received.
    pub(crate) tries: u32,
    /// Not to be received before.
    pub(super) hidden_until: Timestamp,
}

/// A FIFO queue: of each group the first message only can be received. Whatever is done takes no longer for the
/// messages that wait.
#[derive(Default)]
pub(super) struct Fifo {
    /// By group, in order, each with its place in the whole queue.
    groups: BTreeMap<String, VecDeque<(i64, Message)>>,
    /// Groups whose first message was seen to be due, by its place.
    due: BTreeMap<i64, String>,
    /// The other groups, by the time and place of their first message.
    later: BTreeMap<(Timestamp, i64), String>,
    /// The places before the first and behind the last message.
    front: i64,
    back: i64,
    length: usize,
}

impl Fifo {
    /// How many messages wait.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Puts a message behind all others.
    pub(super) fn push(&mut self, message: Message) {
        let place = self.back;
        self.back += 1;
        self.length += 1;
        let group = message.group.clone();
        self.groups.entry(group.clone()).or_default().push_back((place, message));
        self.line_up(&group);
    }

    /// Puts a message back before all others.
    pub(super) fn put_back(&mut self, message: Message) {
        self.front -= 1;
        let place = self.front;
        self.length += 1;
        let waiting = self.groups.entry(message.group.clone()).or_default();
        if let Some((place, first)) = waiting.front() {
            // It is the first of its group no longer.
            self.due.remove(place);
            self.later.remove(&(first.hidden_until, *place));
        }
        let group = message.group.clone();
        waiting.push_front((place, message));
        self.line_up(&group);
    }

    /// How many groups have a message that may be received.
    pub(super) fn due(&mut self, now: Timestamp) -> usize {
        self.see_what_is_due(now);
        self.due.len()
    }

    /// Takes the first message that may be received.
    pub(super) fn receive(&mut self, now: Timestamp) -> Option<Message> {
        self.receive_nth(now, 0)
    }

    /// Takes the first message of the group that comes so many places behind the first: between groups a queue keeps no
    /// order.
    pub(super) fn receive_nth(&mut self, now: Timestamp, nth: usize) -> Option<Message> {
        self.see_what_is_due(now);
        let place = *self.due.keys().nth(nth)?;
        let group = self.due.remove(&place)?;
        let waiting = self.groups.get_mut(&group)?;
        let (_, message) = waiting.pop_front()?;
        self.length -= 1;
        if waiting.is_empty() {
            self.groups.remove(&group);
        } else {
            self.line_up(&group);
        }
        Some(message)
    }

    fn see_what_is_due(&mut self, now: Timestamp) {
        while let Some(next) = self.later.first_entry()
            && next.key().0 <= now
        {
            let ((_, place), group) = next.remove_entry();
            self.due.insert(place, group);
        }
    }

    /// When the next message can be received, as far as none can be now.
    pub(super) fn next_receipt(&self) -> Option<Timestamp> {
        self.later.first_key_value().map(|((time, _), _)| *time)
    }

    /// Lines a group up by its first message, unless it is there already.
    fn line_up(&mut self, group: &str) {
        if let Some((place, first)) = self.groups.get(group).and_then(VecDeque::front)
            && !self.due.contains_key(place)
        {
            self.later.insert((first.hidden_until, *place), group.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn message(group: &str, body: &str) -> Message {
        Message { body: body.to_owned(), group: group.to_owned(), tries: 0, hidden_until: at(0) }
    }

    fn queue(messages: &[(&str, &str)]) -> Fifo {
        let mut queue = Fifo::default();
        for (group, body) in messages {
            queue.push(message(group, body));
        }
        queue
    }

    fn received(queue: &mut Fifo, now: i64) -> Vec<String> {
        std::iter::from_fn(|| queue.receive(at(now)).map(|message| message.body)).collect()
    }

    #[test]
    fn messages_come_in_the_order_in_which_they_were_sent() {
        let mut queue = queue(&[("b", "1"), ("a", "2"), ("b", "3"), ("c", "4")]);
        assert_eq!(queue.len(), 4);
        assert_eq!(received(&mut queue, 0), ["1", "2", "3", "4"]);
        assert_eq!((queue.len(), queue.next_receipt()), (0, None));
    }

    #[test]
    fn a_hidden_message_holds_up_its_own_group_alone() {
        let mut queue = queue(&[("a", "1"), ("a", "2"), ("b", "3")]);
        let mut first = queue.receive(at(0)).unwrap();
        first.hidden_until = at(60);
        queue.put_back(first);
        assert_eq!(queue.len(), 3);
        assert_eq!(received(&mut queue, 59), ["3"]);
        assert_eq!(queue.next_receipt(), Some(at(60)));
        queue.push(message("a", "4"));
        queue.push(message("c", "5"));
        assert_eq!(received(&mut queue, 60), ["1", "2", "4", "5"]);
    }

    #[test]
    fn what_was_put_back_last_comes_first_once_it_is_due() {
        let mut queue = queue(&[("a", "1"), ("b", "2"), ("c", "3")]);
        for hidden_until in [at(30), at(20)] {
            let mut message = queue.receive(at(0)).unwrap();
            message.hidden_until = hidden_until;
            queue.put_back(message);
        }
        assert_eq!(queue.receive(at(10)).unwrap().body, "3");
        assert_eq!(queue.receive(at(10)).map(|message| message.body), None);
        assert_eq!(queue.next_receipt(), Some(at(20)));
        assert_eq!(received(&mut queue, 30), ["2", "1"]);
    }
}
