//! The files of a history, read one after another or merged by their times.

use std::io;
use std::path::{Path, PathBuf};

use lab_check::{History, HistoryBuilder, Object};
use lab_history::{Event, Format, HistoryError, Kind, Merged, Reader};

use super::keyed::{Keyed, Unclear, has_key_in_value};
use super::{CheckError, Spec};
use crate::output::Output;

/// The path that stands for stdin.
const STDIN: &str = "-";
/// Progress is shown after so many events each.
pub(super) const EVENTS_SHOWN: u64 = 1 << 20;

/// What the files are read through.
pub(super) struct Events {
    paths: Vec<PathBuf>,
    source: Source,
}

enum Source {
    One(Box<Reader>),
    Several(Merged),
}

impl Events {
    pub(super) fn open(paths: &[PathBuf]) -> Result<Self, HistoryError> {
        let mut readers = paths.iter().map(|path| reader(path)).collect::<Result<Vec<_>, _>>()?;
        let source = match readers.pop() {
            Some(reader) if readers.is_empty() => Source::One(Box::new(reader)),
            last => {
                readers.extend(last);
                Source::Several(Merged::new(readers)?)
            }
        };
        Ok(Self { paths: paths.to_vec(), source })
    }

    pub(super) fn read(&mut self, event: &mut Event) -> Result<bool, HistoryError> {
        match &mut self.source {
            Source::One(reader) => reader.read(event),
            Source::Several(merged) => merged.read(event),
        }
    }

    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    fn readers(&self) -> &[Reader] {
        match &self.source {
            Source::One(reader) => std::slice::from_ref(reader),
            Source::Several(merged) => merged.readers(),
        }
    }

    /// Where the event stands that was read last, as the `count`th of all.
    pub(super) fn place(&self, count: u64) -> String {
        match &self.source {
            Source::One(reader) => format!("{}:{}", reader.path(), reader.line()),
            // Of several files the next events are read already.
            Source::Several(_) => format!("event {count} of the merged history"),
        }
    }

    /// How much was read that clients did not do.
    pub(super) fn left_out(&self) -> u64 {
        self.readers().iter().map(Reader::left_out).sum()
    }

    /// The specification that `given` names, or else the headers.
    ///
    /// # Errors
    /// They name none, or several. Of a file that names none it is said first if it is empty.
    pub(super) fn spec(&mut self, given: Option<Spec>) -> anyhow::Result<Spec> {
        if let Some(spec) = given {
            return Ok(spec);
        }
        if self.readers().iter().any(|reader| reader.spec().is_none()) {
            self.read(&mut Event::default())?;
        }
        Ok(self.named_spec()?)
    }

    /// The first file whose header names another specification than `spec`, and its name.
    pub(super) fn other_spec(&self, spec: Spec) -> Option<(&str, &str)> {
        let mut named = self.readers().iter().filter_map(|it| Some((it.path(), it.spec()?)));
        named.find(|(_, name)| name.parse() != Ok(spec))
    }

    fn named_spec(&self) -> Result<Spec, CheckError> {
        let mut named = None;
        for reader in self.readers() {
            let path = || reader.path().to_owned();
            let Some(name) = reader.spec() else {
                return Err(CheckError::NoSpec { path: path(), names: Spec::names() });
            };
            let spec = name.parse();
            let spec = spec.map_err(|why: String| {
                let why = format!("its header is wrong: {why}");
                CheckError::HeaderSpec { path: path(), why }
            })?;
            if named.is_some_and(|named| named != spec) {
                let why = format!("its header asks for {name}, that of another file does not");
                return Err(CheckError::HeaderSpec { path: path(), why });
            }
            named = Some(spec);
        }
        named.ok_or_else(|| CheckError::NoSpec { path: STDIN.to_owned(), names: Spec::names() })
    }

    /// Reads all of it, as the history of `object`.
    pub(super) fn history(&mut self, object: Object, output: &Output) -> anyhow::Result<History> {
        let mut builder = HistoryBuilder::new();
        let mut event = Event::default();
        let mut count = 0_u64;
        // Only Jepsen's histories have keys in their values.
        let is_jepsen = self.readers().iter().any(|it| it.format() != Format::JsonLines);
        let is_register = matches!(object, Object::Register | Object::CasRegister);
        let mut keyed = (is_jepsen && is_register).then(Keyed::default);
        while self.read(&mut event)? {
            count += 1;
            let unclear = |Unclear(what)| self.keys_unclear(count, what);
            if is_jepsen && !is_register && has_key_in_value(&event) {
                return Err(unclear(Unclear(format!("{} names a key", event.value))).into());
            }
            match keyed.as_mut().filter(|keyed| !keyed.is_passed(&event)) {
                None => builder.push(&event).map_err(|why| self.too_long(&why))?,
                Some(keyed) => {
                    for event in keyed.take(&event).map_err(unclear)? {
                        builder.push(&event).map_err(|why| self.too_long(&why))?;
                    }
                }
            }
            if count.is_multiple_of(EVENTS_SHOWN) {
                output.progress(&format!("{count} events read"));
            }
        }
        let held = keyed.map_or(Ok(Vec::new()), Keyed::finish);
        for event in held.map_err(|Unclear(what)| self.keys_unclear(count, what))? {
            builder.push(&event).map_err(|why| self.too_long(&why))?;
        }
        Ok(builder.finish())
    }

    fn keys_unclear(&self, count: u64, what: String) -> CheckError {
        CheckError::Keys { place: self.place(count), what }
    }

    fn too_long(&self, why: &impl ToString) -> CheckError {
        let paths: Vec<&str> = self.readers().iter().map(Reader::path).collect();
        CheckError::TooLong { path: paths.join(" and "), why: why.to_string() }
    }
}

fn reader(path: &Path) -> Result<Reader, HistoryError> {
    if path == Path::new(STDIN) { Reader::new("stdin", io::stdin()) } else { Reader::open(path) }
}

/// Where an event of `history` stands: its path and line, or its number if the files cannot be read
/// a second time.
pub(super) fn place(paths: &[PathBuf], history: &History, event: u32) -> String {
    let found = invocation(history, event).and_then(|(process, before)| {
        paths.iter().find_map(|path| line(path, process, before).map(|line| (path, line)))
    });
    match found {
        Some((path, line)) => format!("{}:{line}", path.display()),
        None => format!("the history's event {}", event + 1),
    }
}

/// Whose invocation an event is, and how many of that process come before it.
fn invocation(history: &History, event: u32) -> Option<(u64, usize)> {
    let operations = history.operations();
    let at = operations.iter().position(|operation| operation.invoked == event)?;
    let process = operations[at].process;
    let before = operations[..at].iter().filter(|other| other.process == process).count();
    Some((history.process(&operations[at]), before))
}

fn line(path: &Path, process: u64, before: usize) -> Option<u64> {
    let mut reader = Reader::open(path).ok()?;
    let mut event = Event::default();
    let mut left = before;
    while reader.read(&mut event).ok()? {
        if event.process == process && event.kind == Kind::Invoke {
            if left == 0 {
                return Some(reader.line());
            }
            left -= 1;
        }
    }
    None
}
