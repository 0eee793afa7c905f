use serde::Serialize;

/// What happened in worlds, as counts: a reader sees by them that the worlds are not empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "they say what they count")]
pub struct Tally {
    pub principals: u64,
    pub calls: u64,
    pub faults: u64,
    pub events: u64,
    pub events_lost: u64,
    pub messages: u64,
    pub duplicates: u64,
    pub reordered: u64,
    pub at_once: u64,
    pub poison: u64,
    pub deaths: u64,
    pub dead_letters: u64,
    pub sweeps: u64,
    pub clock_jumps: u64,
    pub other_actors: u64,
    pub orders: u64,
    pub undos: u64,
    /// Governance files that were refused.
    pub refused_files: u64,
    /// Plans carried out.
    pub acts: u64,
    pub writes: u64,
    /// What the claim is about was met so often: a protected principal in violation, a limit reached, a plan compared.
    pub met: u64,
    /// Worlds that an attacker's claim could judge.
    pub judged: u64,
    /// Of those, the ones whose first deny was the attached policy.
    pub by_attachment: u64,
    /// Those whose first deny was an inline policy.
    pub by_inline: u64,
    /// Those whose first deny was the permissions boundary.
    pub by_boundary: u64,
}

impl Tally {
    /// Adds another world's.
    pub fn add(&mut self, other: &Self) {
        let Self {
            principals,
            calls,
            faults,
            events,
            events_lost,
            messages,
            duplicates,
            reordered,
            at_once,
            poison,
            deaths,
            dead_letters,
            sweeps,
            clock_jumps,
            other_actors,
            orders,
            undos,
            refused_files,
            acts,
            writes,
            met,
            judged,
            by_attachment,
            by_inline,
            by_boundary,
        } = other;
        for (sum, more) in [
            (&mut self.principals, principals),
            (&mut self.calls, calls),
            (&mut self.faults, faults),
            (&mut self.events, events),
            (&mut self.events_lost, events_lost),
            (&mut self.messages, messages),
            (&mut self.duplicates, duplicates),
            (&mut self.reordered, reordered),
            (&mut self.at_once, at_once),
            (&mut self.poison, poison),
            (&mut self.deaths, deaths),
            (&mut self.dead_letters, dead_letters),
            (&mut self.sweeps, sweeps),
            (&mut self.clock_jumps, clock_jumps),
            (&mut self.other_actors, other_actors),
            (&mut self.orders, orders),
            (&mut self.undos, undos),
            (&mut self.refused_files, refused_files),
            (&mut self.acts, acts),
            (&mut self.writes, writes),
            (&mut self.met, met),
            (&mut self.judged, judged),
            (&mut self.by_attachment, by_attachment),
            (&mut self.by_inline, by_inline),
            (&mut self.by_boundary, by_boundary),
        ] {
            *sum += more;
        }
    }
}
