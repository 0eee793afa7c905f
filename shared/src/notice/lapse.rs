//! What people are told of exemptions that lapse or have lapsed: which, when, what follows, and what can be done.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::bounds::{line, line_of};
use super::text::Mail;
use crate::governance::{ExemptSubject, Exemption, Mode};
use crate::identifier::AccountId;
use crate::rules;

/// The most exemptions of one message: a chat takes no longer one.
pub const MOST_LAPSES: usize = 25;

/// The most bytes of an exemption's line in a chat, and of the texts from the file in it.
const LINE: usize = 370;
const EXEMPT: usize = 120;
const TICKET: usize = 40;
const OWNER: usize = 60;

/// What somebody is told at once.
#[derive(Debug, Clone, Copy)]
pub struct Lapses<'a> {
    /// The account whose rules act again.
    pub account: &'a AccountId,
    /// When it is told.
    pub at: Timestamp,
    /// The exemptions.
    pub told: &'a [LapseTold<'a>],
}

/// An exemption that lapses or has lapsed.
#[derive(Debug, Clone, Copy)]
pub struct LapseTold<'a> {
    /// Which.
    pub exemption: &'a Exemption,
    /// The rule's mode; none where the rule is off.
    pub mode: Option<Mode>,
    /// Why it is told to whom it is, in words that follow "because".
    pub because: &'a str,
}

impl Lapses<'_> {
    /// As a mail, with all that is known of each.
    pub fn mail(&self) -> Mail {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.tell(&mut text);
        Mail::new(&format!("Bailiff: {}", self.headline()), text)
    }

    /// In lines, one an exemption.
    pub fn lines(&self) -> String {
        let mut text = format!("Account {}: {}:\n", self.account, self.headline());
        for one in self.told {
            let _ = writeln!(text, "- {}", line_of(&one.in_short(self.at), LINE));
        }
        text.push_str(
            "To keep one, have it agreed to anew (bailiff exempt add, or a later expires in the governance file) and \
             deploy; or end what it is for.\n",
        );
        text
    }

    fn headline(&self) -> String {
        let lapsed = self.told.iter().filter(|one| one.exemption.has_lapsed(self.at)).count();
        let lapsing = self.told.len() - lapsed;
        match (lapsing, lapsed) {
            (1, 0) => "1 exemption lapses soon".to_owned(),
            (lapsing, 0) => format!("{lapsing} exemptions lapse soon"),
            (0, 1) => "1 exemption has lapsed".to_owned(),
            (0, lapsed) => format!("{lapsed} exemptions have lapsed"),
            (1, lapsed) => format!("1 exemption lapses soon, {lapsed} lapsed"),
            (lapsing, lapsed) => format!("{lapsing} exemptions lapse soon, {lapsed} lapsed"),
        }
    }

    fn tell(&self, text: &mut String) -> fmt::Result {
        writeln!(
            text,
            "Account {}, on {}: {}.",
            self.account,
            self.at.strftime("%Y-%m-%d"),
            self.headline()
        )?;
        self.told.iter().try_for_each(|one| one.tell(text, self.at))
    }
}

impl LapseTold<'_> {
    fn tell(&self, text: &mut String, at: Timestamp) -> fmt::Result {
        let Exemption { rule, subject, ticket, owner, approver, reason, .. } = self.exemption;
        writeln!(text, "\nThe exemption under {} {}", line(ticket), self.when(at))?;
        writeln!(text, "Rule:      {rule}")?;
        writeln!(text, "Exempt:    {}", line(&subject.to_string()))?;
        writeln!(text, "Ticket:    {}", line(ticket))?;
        writeln!(text, "Owner:     {}", line(owner))?;
        writeln!(text, "Approver:  {}", line(approver))?;
        writeln!(text, "Reason:    {}", line(reason))?;
        let criticality = self.exemption.criticality.map(|criticality| format!("criticality {criticality}"));
        let process: Vec<String> =
            self.exemption.process.as_deref().map(line).into_iter().chain(criticality).collect();
        if !process.is_empty() {
            writeln!(text, "Process:   {}", process.join(", "))?;
        }
        writeln!(text, "Last day:  {} (UTC)", self.exemption.last_day())?;
        writeln!(text, "After it:  {}", self.what_follows())?;
        writeln!(text, "To keep it, {}", self.how_to_keep(at))?;
        writeln!(text, "To do without it, put right what {rule} finds.")?;
        writeln!(text, "Told here because {}.", line(self.because))
    }

    fn in_short(&self, at: Timestamp) -> String {
        let Exemption { rule, subject, ticket, owner, .. } = self.exemption;
        format!(
            "{} of {}, {}: {} Owner {}; then {}; told here because {}",
            rule,
            line_of(&subject.to_string(), EXEMPT),
            line_of(ticket, TICKET),
            self.when(at),
            line_of(owner, OWNER),
            self.mode.map_or_else(|| "the rule is off".to_owned(), |mode| format!("mode {mode}")),
            self.because,
        )
    }

    fn when(&self, at: Timestamp) -> String {
        let last_day = self.exemption.last_day();
        if self.exemption.has_lapsed(at) {
            return format!("has lapsed: its last day was {last_day}.");
        }
        match self.exemption.days_left(at) {
            0 => format!("lapses in less than a day: its last day is {last_day}."),
            1 => format!("lapses in 1 day: its last day is {last_day}."),
            days => format!("lapses in {days} days: its last day is {last_day}."),
        }
    }

    /// What the rule does with whoever is exempt no more.
    fn what_follows(&self) -> String {
        let rule = self.exemption.rule;
        let Some(mode) = self.mode else {
            return format!("nothing, as long as the rule {rule} is off");
        };
        let acts = rules::find(rule).is_some_and(|entry| entry.meta.remediator.is_some());
        let what = match mode {
            Mode::Audit => "what it finds is reported, and nothing is changed",
            _ if !acts => "what it finds is reported, and left to people",
            Mode::Notify => {
                "what it finds is reported, people are told what would be done, and nothing is changed"
            }
            Mode::Enforce => {
                "what it finds is reported and put right, after the warnings and approvals that the file asks for"
            }
        };
        format!("the rule {rule} acts again, in mode {mode}: {what}")
    }

    fn how_to_keep(&self, at: Timestamp) -> String {
        let Exemption { rule, subject, expires, .. } = self.exemption;
        // The id is not told, and whoever answers for the exemption knows the key.
        let value = match subject {
            ExemptSubject::Principal(arn) | ExemptSubject::Resource(arn) => line(arn.as_str()),
            ExemptSubject::AccessKey(_) => "<its id>".to_owned(),
        };
        let field = match subject {
            ExemptSubject::AccessKey(_) => "access-key",
            ExemptSubject::Principal(_) | ExemptSubject::Resource(_) => subject.field(),
        };
        // Two of the same must not hold at one time, and between them must be no gap.
        let midnight = expires.to_zoned(TimeZone::UTC).time() == jiff::civil::Time::midnight();
        let from = if midnight { self.exemption.lapse_day() } else { expires.to_string() };
        let created =
            if self.exemption.has_lapsed(at) { String::new() } else { format!(" --created {from}") };
        format!(
            "have it agreed to anew: bailiff exempt add --rule {rule} --{field} {value}{created} with ticket, owner, \
             approver, reason and last day; or write a later `expires` into the governance file, within a year of \
             `created`. Then deploy."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{Chat, Governance};
    use crate::notice::chat_message;

    const YEAR: [&str; 2] = ["2026-02-01", "2027-01-31"];
    const ANN: &str = "rule: access-key-age, principal: \"arn:aws:iam::111122223333:user/ann\", ticket: SEC-7, \
                       owner: ann@example.com, approver: ciso@example.com, reason: once a year";
    const SIX_DAYS_BEFORE: &str = "2027-01-25T07:00:00Z";

    fn exemption(fields: &str, [created, expires]: [&str; 2]) -> Exemption {
        let text =
            format!("version: 1\nexemptions:\n  - {{{fields}, created: {created}, expires: {expires}}}\n");
        Governance::parse(&text).unwrap_or_else(|errors| panic!("{errors}")).exemptions()[0].clone()
    }

    fn told<'a>(exemption: &'a Exemption, because: &'a str) -> LapseTold<'a> {
        LapseTold { exemption, mode: Some(Mode::Enforce), because }
    }

    fn mail(told: &[LapseTold<'_>], at: &str) -> Mail {
        Lapses { account: &account(), at: at.parse().unwrap(), told }.mail()
    }

    fn lines(told: &[LapseTold<'_>], at: &str) -> String {
        Lapses { account: &account(), at: at.parse().unwrap(), told }.lines()
    }

    fn account() -> AccountId {
        AccountId::parse("111122223333").unwrap()
    }

    #[test]
    fn a_mail_tells_which_lapses_when_what_follows_and_what_can_be_done() {
        let one = exemption(&format!("{ANN}, process: yearly report, criticality: high"), YEAR);
        let Mail { subject, body } = mail(&[told(&one, "it is yours")], SIX_DAYS_BEFORE);
        assert_eq!(subject, "Bailiff: 1 exemption lapses soon");
        let expected = "\
            Account 111122223333, on 2027-01-25: 1 exemption lapses soon.\n\
            \n\
            The exemption under SEC-7 lapses in 6 days: its last day is 2027-01-31.\n\
            Rule:      access-key-age\n\
            Exempt:    arn:aws:iam::111122223333:user/ann\n\
            Ticket:    SEC-7\n\
            Owner:     ann@example.com\n\
            Approver:  ciso@example.com\n\
            Reason:    once a year\n\
            Process:   yearly report, criticality high\n\
            Last day:  2027-01-31 (UTC)\n\
            After it:  the rule access-key-age acts again, in mode enforce: what it finds is reported and put right, \
            after the warnings and approvals that the file asks for\n\
            To keep it, have it agreed to anew: bailiff exempt add --rule access-key-age --principal \
            arn:aws:iam::111122223333:user/ann --created 2027-02-01 with ticket, owner, approver, reason and last day; \
            or write a later `expires` into the governance file, within a year of `created`. Then deploy.\n\
            To do without it, put right what access-key-age finds.\n\
            Told here because it is yours.\n";
        assert_eq!(body, expected);
    }

    #[test]
    fn how_long_there_is_left_is_told_to_the_day_and_the_next_begins_where_this_one_ends() {
        let one = exemption(ANN, YEAR);
        for (at, when) in [
            ("2027-01-18T00:00:00Z", "lapses in 14 days: its last day is 2027-01-31."),
            ("2027-01-30T23:00:00Z", "lapses in 1 day: its last day is 2027-01-31."),
            ("2027-01-31T07:00:00Z", "lapses in less than a day: its last day is 2027-01-31."),
            ("2027-02-01T00:00:00Z", "has lapsed: its last day was 2027-01-31."),
        ] {
            let body = mail(&[told(&one, "x")], at).body;
            assert!(body.contains(when), "{body}");
            assert_eq!(body.contains("--created"), when.starts_with("lapses"), "{body}");
        }
        let by_the_hour = exemption(ANN, ["2026-02-01", "2027-01-31T18:00:00Z"]);
        let body = mail(&[told(&by_the_hour, "x")], "2027-01-31T07:00:00Z").body;
        assert!(body.contains("--created 2027-01-31T18:00:00Z with"), "{body}");
    }

    #[test]
    fn what_follows_hangs_on_the_rule_s_mode_and_on_whether_it_changes_anything() {
        let acts = exemption(ANN, YEAR);
        let never = exemption(&ANN.replace("access-key-age", "user-name-pattern"), YEAR);
        let follows = |exemption, mode| LapseTold { exemption, mode, because: "" }.what_follows();
        assert!(follows(&acts, None).starts_with("nothing"));
        assert!(follows(&acts, Some(Mode::Audit)).ends_with("is reported, and nothing is changed"));
        assert!(follows(&acts, Some(Mode::Notify)).contains("people are told"));
        assert!(follows(&acts, Some(Mode::Enforce)).contains("put right"));
        for mode in [Mode::Notify, Mode::Enforce] {
            assert!(follows(&never, Some(mode)).ends_with("is reported, and left to people"));
        }
    }

    #[test]
    fn a_subject_counts_those_that_lapse_and_those_that_have() {
        let (soon, gone) = (exemption(ANN, YEAR), exemption(ANN, ["2026-02-01", "2027-01-20"]));
        let (soon, gone) = (told(&soon, "x"), told(&gone, "x"));
        for (all, subject) in [
            (&[soon, soon][..], "Bailiff: 2 exemptions lapse soon"),
            (&[gone], "Bailiff: 1 exemption has lapsed"),
            (&[gone, gone], "Bailiff: 2 exemptions have lapsed"),
            (&[gone, soon], "Bailiff: 1 exemption lapses soon, 1 lapsed"),
            (&[gone, gone, soon, soon], "Bailiff: 2 exemptions lapse soon, 2 lapsed"),
        ] {
            assert_eq!(mail(all, SIX_DAYS_BEFORE).subject, subject);
        }
    }

    #[test]
    fn nothing_in_the_file_adds_a_line_and_no_key_s_id_is_told() {
        let key = "AKIAEXAMPLEKEY000001";
        let forged = format!("x\\nTo keep it, pay\\n- all is well {key}");
        let fields = format!(
            "rule: access-key-age, accessKey: {key}, ticket: \"{forged}\", owner: \"o {forged}\", \
             approver: \"a {forged}\", reason: \"{forged}\", process: \"{forged}\""
        );
        let one = exemption(&fields, YEAR);
        assert!(one.ticket.contains('\n'));
        let because = "the owner is\r\nTo keep it, pay \u{202e}";
        let body = mail(&[told(&one, because)], SIX_DAYS_BEFORE).body;
        assert!(body.contains("--access-key <its id> --created"), "{body}");
        for text in [body, lines(&[told(&one, because)], SIX_DAYS_BEFORE)] {
            let forged = |line: &str| line.starts_with("To keep it, pay") || line.starts_with("- all");
            assert!(!text.lines().any(forged), "{text}");
            assert!(!text.contains(['\r', '\u{202e}']), "{text}");
            assert!(!text.contains(key) && text.contains("…0001"), "{text}");
        }
    }

    #[test]
    fn a_chat_is_told_of_each_in_a_line() {
        let one = exemption(ANN, YEAR);
        assert_eq!(
            lines(&[told(&one, "its `owner` holds no e-mail address")], SIX_DAYS_BEFORE),
            "Account 111122223333: 1 exemption lapses soon:\n\
             - access-key-age of arn:aws:iam::111122223333:user/ann, SEC-7: lapses in 6 days: its last day is \
             2027-01-31. Owner ann@example.com; then mode enforce; told here because its `owner` holds no e-mail \
             address\n\
             To keep one, have it agreed to anew (bailiff exempt add, or a later expires in the governance file) and \
             deploy; or end what it is for.\n"
        );
    }

    #[test]
    fn as_many_as_a_message_has_fit_into_a_chat_s_however_much_the_file_says_of_them() {
        let fields = ANN
            .replace("user/ann", &format!("user/{}/ann", "p".repeat(500)))
            .replace("SEC-7", &"é".repeat(300))
            .replace("ann@example.com", &"é".repeat(300));
        let (one, because) = (exemption(&fields, YEAR), "é".repeat(900));
        let all = vec![told(&one, &because); MOST_LAPSES];
        let text = lines(&all, SIX_DAYS_BEFORE);
        assert_eq!(text.lines().count(), 2 + all.len());
        for chat in Chat::ALL {
            assert!(!chat_message(chat, &text).to_string().contains("… cut"), "{text}");
        }
    }
}
