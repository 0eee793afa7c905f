use jiff::Timestamp;

/// Something that changes, and is seen to change only later: IAM is eventually consistent.
#[derive(Debug, Clone)]
pub(super) struct Versions<T> {
    /// Each with the time from which reads see it, oldest first. Never empty of what is seen now.
    versions: Vec<(Timestamp, Option<T>)>,
}

impl<T> Versions<T> {
    /// Seen by all, ever since.
    pub(super) fn settled(value: T) -> Self {
        Self { versions: vec![(Timestamp::MIN, Some(value))] }
    }

    /// What a write finds.
    pub(super) fn latest(&self) -> Option<&T> {
        self.versions.last().and_then(|(_, value)| value.as_ref())
    }

    /// What a read finds.
    pub(super) fn seen(&self, now: Timestamp) -> Option<&T> {
        self.versions.iter().rev().find(|(from, _)| *from <= now).and_then(|(_, value)| value.as_ref())
    }

    /// Written now, seen later.
    pub(super) fn write(&mut self, now: Timestamp, seen_from: Timestamp, value: Option<T>) {
        if let Some(seen) = self.versions.iter().rposition(|(from, _)| *from <= now) {
            self.versions.drain(..seen);
        }
        self.versions.push((seen_from, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_found_by_writes_at_once_and_by_reads_later() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut versions = Versions::settled("old");
        versions.write(at(10), at(15), Some("new"));
        assert_eq!(versions.latest(), Some(&"new"));
        assert_eq!(versions.seen(at(14)), Some(&"old"));
        assert_eq!(versions.seen(at(15)), Some(&"new"));
        versions.write(at(16), at(20), None);
        assert_eq!(versions.latest(), None);
        assert_eq!(versions.seen(at(19)), Some(&"new"));
        assert_eq!(versions.seen(at(20)), None);
    }
}
