use shared::governance::Governance;
use shared::remedy::Cause;
use shared::rules::RuleId;

use crate::simulator::Ran;
use crate::simulator::accounts::{self, Size};
use crate::simulator::dice::Dice;
use crate::simulator::oracle;
use crate::simulator::rulebook::{NO_LIMITS, Rulebook, some_rules};
use crate::simulator::stage::Stage;
use crate::simulator::tally::Tally;

pub(super) fn world(seed: u64, traced: bool) -> Ran {
    let mut dice = Dice::of("invalid governance", seed);
    let size = Size::any(&mut dice);
    let account = accounts::account(&mut dice, size);
    let sound = Rulebook::only(&some_rules(&mut dice), "enforce", NO_LIMITS).text;
    let (text, surely) = if dice.chance(500) {
        (spoilt(&mut dice, &sound), true)
    } else {
        (damaged(&mut dice, &sound), false)
    };
    let mut tally = Tally { refused_files: 1, met: 1, ..Tally::default() };
    // No function can be made without a file that was read, so nothing runs under one that was not.
    let Ok(governance) = Governance::parse(&text) else {
        return Ran { tally, ..Ran::default() };
    };
    if surely {
        return Ran { tally, violation: Some(format!("this file was taken:\n{text}")), trace: Vec::new() };
    }
    let mut stage = Stage::new(account, governance, dice, traced);
    stage.sweep();
    tally = stage.counted();
    let unsaid = oracle::acts(&stage).into_values().find_map(|act| match act.cause {
        Cause::Rule { rule, .. } if !says_enforce(&text, rule) => Some(rule),
        _ => None,
    });
    let violation = unsaid.map(|rule| format!("{rule} was enforced, which this file does not say:\n{text}"));
    Ran { tally, violation, trace: stage.local.world.take_trace() }
}

/// The file with a mistake that the documentation names.
fn spoilt(dice: &mut Dice, text: &str) -> String {
    let with = |line: &str| format!("{text}{line}\n");
    let instead = |from: &str, to: &str| text.replacen(from, to, 1);
    match dice.below(24) {
        0 => with("exempt: everybody"),
        1 => with("Protected: []"),
        2 => with("limitz: { actsPerHour: 1 }"),
        3 => instead("mode: enforce", "mode: Enforce"),
        4 => instead("mode: enforce", "mode: enforced"),
        5 => instead("mode: enforce", "mode: [enforce]"),
        6 => instead("enabled: true", "enabled: 'true'"),
        7 => instead("enabled: true", "enabled: yes please"),
        8 => instead("enabled: true", "enable: true"),
        9 => instead("version: 1", "version: 2"),
        10 => instead("version: 1\n", ""),
        11 => instead("version: 1", "version: '1'"),
        12 => instead("rules:\n", "rules:\n  user-inline-polcy:\n    enabled: true\n    mode: enforce\n"),
        13 => instead("limits: {", "limits: { actsPerHour: -1,"),
        14 => instead("actsPerHour: 1000000", "actsPerHour: many"),
        15 => instead("sharePerDay: 100", "sharePerDay: 101"),
        16 => with("protected:\n  - principal: arn:aws:iam::111122223333:user/ann"),
        17 => with("breakGlass:\n  - reason: in the safe"),
        18 => with("protected: everybody"),
        19 => with(
            "changeWindows: { timeZone: Mars/Olympus, open: [{ days: [monday], from: '08:00', to: '12:00' }] }",
        ),
        20 => with("trustedAccounts:\n  - account: 12\n    name: nobody"),
        21 => with("version: 1"),
        22 => String::new(),
        _ => with("organization: &o o-a1b2c3d4e5"),
    }
}

/// The file with a line lost, a letter changed, or its end cut off: it may still be one.
fn damaged(dice: &mut Dice, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let at = dice.below(lines.len());
    match dice.below(4) {
        0 => {
            let mut lines = lines;
            lines.remove(at);
            lines.join("\n")
        }
        1 => lines.into_iter().take(at).collect::<Vec<_>>().join("\n"),
        2 => {
            let cut = dice.below(text.len());
            text.get(..cut).unwrap_or_default().to_owned()
        }
        _ => {
            let cut = dice.below(text.len());
            let letter = dice.pick(&["x", " ", ":", "\t", "#", "-", "\u{0}", "0"]);
            let rest = text.get(cut + 1..).unwrap_or_default();
            format!("{}{letter}{rest}", text.get(..cut).unwrap_or_default())
        }
    }
}

/// Whether the lines under the rule's name say so.
fn says_enforce(text: &str, rule: RuleId) -> bool {
    let mut lines = text.lines().skip_while(|line| line.trim() != format!("{rule}:"));
    let _ = lines.next();
    let is_below = |line: &&str| line.starts_with("    ") || line.trim_start().starts_with('#');
    lines.take_while(is_below).any(|line| line.trim() == "mode: enforce")
}
