use std::process::ExitCode;

/// What the command's exit code says. The codes are part of its interface; `--help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All went as it must.
    Done,
    /// Something in Bailiff did not work as it must, its journal is broken, or the organisation does not protect it.
    Broken,
    /// A file, an event, a line or an argument cannot be taken.
    BadInput,
    /// The account breaks rules, or something in it could not be judged.
    Findings,
}

/// For `--help`.
pub(crate) const CODES: &str = "\
Exit codes:
  0  done
  1  something in Bailiff did not work as it must, `audit` found the journal broken, or
     `organization check` a protection that is not in force
  2  bad input: a file, event, line or argument cannot be taken; each is named
  3  `scan` found violations, `explain` a threat that somebody has to answer, or there is
     something that could not be judged; `exempt check` found an exemption that somebody
     has to see to; `incident` wrote or gave no order, for the function would refuse it,
     or the one whom it was given about is not contained";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Broken => 1,
            Exit::BadInput => 2,
            Exit::Findings => 3,
        })
    }
}
