use std::io::{self, BufRead, BufReader, BufWriter, Write as _};

use shared::policy::evaluate::answer_line;

use crate::error::CliError;
use crate::exit::Exit;
use crate::input::Input;
use crate::out::Out;

/// Decides requests by their policies, as AWS would
///
/// JSON Lines in: a request, and every policy that has a say in it. JSON Lines
/// out, in the same order: the decision, and the statements that made it.
/// docs/simulate.md has every key, and examples.
///
/// A line that cannot be answered gives {"error":…} in its place, and the rest
/// goes on; the exit code is then 2. Blank lines are skipped. An answer is out
/// as soon as no further line waits.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = crate::exit::CODES)]
pub(crate) struct Simulate {
    /// The file of requests; `-` for standard input
    #[arg(default_value = "-")]
    file: Input,
}

impl Simulate {
    pub(super) fn run(&self, out: &mut Out) -> Result<Exit, CliError> {
        let unreadable =
            |source| CliError::Unreadable { kind: "file of requests", name: self.file.to_string(), source };
        let mut lines = BufReader::with_capacity(BUFFER, self.file.open().map_err(unreadable)?);
        let mut answers = Answers::new(out);
        let mut line = Vec::new();
        while !answers.reader_gone() {
            line.clear();
            if lines.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
                break;
            }
            answers.answer(&line, lines.buffer().is_empty())?;
        }
        Ok(answers.finish()?)
    }
}

/// Bytes read and written at a time.
const BUFFER: usize = 1 << 16;

/// Answers on their way out.
struct Answers<'o> {
    out: BufWriter<&'o mut Out>,
    text: String,
    exit: Exit,
}

impl<'o> Answers<'o> {
    fn new(out: &'o mut Out) -> Self {
        Self { out: BufWriter::with_capacity(BUFFER, out), text: String::new(), exit: Exit::Done }
    }

    fn reader_gone(&self) -> bool {
        self.out.get_ref().reader_gone()
    }

    /// Answers a line, at once if whoever asked may be waiting for it.
    fn answer(&mut self, line: &[u8], at_once: bool) -> io::Result<()> {
        if !line.iter().all(u8::is_ascii_whitespace) {
            self.text.clear();
            if !answer_line(line, &mut self.text) {
                self.exit = Exit::BadInput;
            }
            self.text.push('\n');
            self.out.write_all(self.text.as_bytes())?;
        }
        if at_once { self.out.flush() } else { Ok(()) }
    }

    fn finish(mut self) -> io::Result<Exit> {
        self.out.flush()?;
        Ok(self.exit)
    }
}
