//! Data to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use lab_witness::Witness;
use serde::Serialize;

/// Where a command writes. Colours are left out by themselves where nobody would see them, and
/// where `NO_COLOR` is set.
pub(crate) struct Output {
    stdout: anstream::Stdout,
    is_json: bool,
    shows_progress: bool,
}

const ALARM: Style = AnsiColor::Red.on_default().bold();
const CALM: Style = AnsiColor::Green.on_default();
const TITLE: Style = Style::new().bold();

impl Output {
    pub(crate) fn new(is_json: bool) -> Self {
        Self { stdout: anstream::stdout(), is_json, shows_progress: io::stderr().is_terminal() }
    }

    /// Whether `--json` was given: then stdout gets one document and nothing else.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    pub(crate) fn json(&mut self, document: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(document)?;
        self.line(&text)
    }

    /// Who has read enough, as `head` does, misses the rest: the command goes on, so that it ends
    /// with the verdict all the same.
    pub(crate) fn line(&mut self, text: &str) -> anyhow::Result<()> {
        self.clear_progress();
        match writeln!(self.stdout, "{text}") {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    pub(crate) fn title(&mut self, text: &str) -> anyhow::Result<()> {
        self.line(&format!("{TITLE}{text}{TITLE:#}"))
    }

    /// Text that is a document of its own, as it is.
    pub(crate) fn document(&mut self, text: &str) -> anyhow::Result<()> {
        self.line(text.trim_end())
    }

    /// A witness, its first word in red if it shows an anomaly and in green if it does not.
    pub(crate) fn witness(&mut self, witness: &Witness) -> anyhow::Result<()> {
        let is_calm = witness.anomaly.is_none() && !witness.has_failed;
        self.verdict(&witness.to_text(), &witness.word(), is_calm)
    }

    /// A text with the first `word` in it in green if that is calm, else in red.
    pub(crate) fn verdict(&mut self, text: &str, word: &str, is_calm: bool) -> anyhow::Result<()> {
        let style = if is_calm { CALM } else { ALARM };
        self.line(&text.replacen(word, &format!("{style}{word}{style:#}"), 1))
    }

    /// What is being done, on one line of a terminal that the next such line replaces.
    pub(crate) fn progress(&self, text: &str) {
        if self.shows_progress {
            let mut stderr = io::stderr();
            let _ = write!(stderr, "\r\x1b[2K{text}").and_then(|()| stderr.flush());
        }
    }

    fn clear_progress(&self) {
        self.progress("");
    }

    /// Something that whoever runs this has to know, on stderr.
    pub(crate) fn note(&self, text: &str) {
        self.clear_progress();
        let _ = writeln!(anstream::stderr(), "{text}");
    }

    /// Why the command ends here.
    pub(crate) fn problem(&self, error: &anyhow::Error) {
        self.note(&format!("{ALARM}error{ALARM:#}: {error:#}"));
    }
}

/// Whether whoever a client process answers has gone.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.root_cause().downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
