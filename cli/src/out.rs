use std::io::{self, Write};

/// Standard output: coloured where it is a terminal. A reader that has seen enough, such as `head`, is no
/// failure: what comes after is dropped, and the exit code is the one of a full run.
pub(crate) struct Out {
    stream: anstream::AutoStream<io::Stdout>,
    reader_gone: bool,
}

impl Out {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        Self { stream: anstream::stdout(), reader_gone: false }
    }

    /// Whether nobody reads any more, so that there is no point in going on.
    pub(crate) fn reader_gone(&self) -> bool {
        self.reader_gone
    }

    fn unless_gone<T>(
        &mut self,
        instead: T,
        write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.reader_gone {
            return Ok(instead);
        }
        match write(&mut self.stream) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_gone = true;
                Ok(instead)
            }
            result => result,
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_gone(bytes.len(), |stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_gone((), |stream| stream.flush())
    }
}
