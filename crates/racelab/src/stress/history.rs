//! Writes a run as the history of a task store that `racelab check` takes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;

use lab_history::{Ending, Event, Function, Kind, Progress, Record, Writer, task_events};

/// What the history is one of.
const SPEC: &str = "task";

/// A history while it is written.
pub(super) struct HistoryFile {
    writer: Writer<File>,
    /// Events that may not be written yet, because an earlier one may come.
    early: Vec<Event>,
    /// By client, lists of which not every task has come.
    lists: BTreeMap<u32, (Record, Vec<Record>)>,
    has_times: bool,
    clients: u32,
    /// How often each client went on after nobody knew what became of an operation.
    lives: BTreeMap<u32, u32>,
}

impl HistoryFile {
    /// A history of `clients` clients, with the time of each event where places are times.
    pub(super) fn new(file: File, clients: usize, has_times: bool) -> io::Result<Self> {
        let writer = Writer::new(file, Some(SPEC))?;
        // Two more come before and after the clients of the workload.
        let clients = u32::try_from(clients + 2).unwrap_or(u32::MAX);
        let (early, lists, lives) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { writer, early, lists, has_times, clients, lives })
    }

    /// Takes records in the order of their answers, and writes what can be written.
    pub(super) fn take(&mut self, records: &[Record], progress: Progress) -> io::Result<()> {
        records.iter().for_each(|record| self.hold(record));
        self.early.sort_by_key(|event| (event.time_ns, event.kind != Kind::Invoke));
        let lists = self.lists.values().map(|(list, _)| list.invoked).min();
        let known = Some(progress.invoked_from.min(lists.unwrap_or(u64::MAX)));
        let known = self.early.partition_point(|event| event.time_ns < known);
        for mut event in self.early.drain(..known) {
            event.time_ns = event.time_ns.filter(|_| self.has_times);
            self.writer.write(&event)?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> io::Result<()> {
        self.writer.finish().map(drop)
    }

    fn hold(&mut self, record: &Record) {
        let mut whole = (*record, Vec::new());
        if record.function == Function::Listed {
            let Some(list) = self.lists.remove(&record.process) else { return };
            whole = list;
            whole.1.push(*record);
        }
        let (list, listed) = &whole;
        let is_list = list.function == Function::List && list.ending == Ending::Ok;
        if is_list && (listed.len() as u64) < list.task {
            self.lists.insert(list.process, whole);
            return;
        }
        let life = self.lives.entry(list.process).or_default();
        let process = life.saturating_mul(self.clients).saturating_add(list.process);
        *life += u32::from(list.ending == Ending::Info);
        self.early.extend(task_events(&Record { process, ..*list }, listed));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use lab_history::{Reader, TaskEvents};

    use super::*;

    fn record(process: u32, function: Function, [invoked, answered]: [u64; 2]) -> Record {
        let (ending, status) = (Ending::Ok, None);
        let (task, based_on, version, content) = (1, 0, 0, 0);
        Record {
            invoked,
            answered,
            process,
            function,
            ending,
            status,
            task,
            based_on,
            version,
            content,
        }
    }

    #[test]
    fn who_does_not_know_what_became_of_a_change_goes_on_under_another_number() {
        let lost = Record { ending: Ending::Info, ..record(0, Function::Edit, [3, 5]) };
        let seen = Record { version: 1, ..record(0, Function::Get, [6, 9]) };
        let list = Record { task: 2, ..record(1, Function::List, [4, 8]) };
        let listed =
            [1, 2].map(|task| Record { task, version: 1, ..record(1, Function::Listed, [4, 8]) });
        let known = |place| Progress { known_before: place, invoked_from: place };
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut history = HistoryFile::new(file.reopen().unwrap(), 2, false).unwrap();
        history.take(&[record(0, Function::Create, [1, 2]), lost, list], known(3)).unwrap();
        // The list is not yet whole.
        history.take(&listed[..1], known(9)).unwrap();
        history.take(&[listed[1], seen], known(u64::MAX)).unwrap();
        history.finish().unwrap();

        let mut reader = Reader::open(file.path()).unwrap();
        assert_eq!(reader.spec(), Some("task"));
        let (mut reading, mut records, mut event) =
            (TaskEvents::new(), Vec::new(), Event::default());
        for place in 1.. {
            if !reader.read(&mut event).unwrap() {
                break;
            }
            reading.take(&event, place, &mut records).unwrap();
        }
        let whole = [
            record(0, Function::Create, [1, 2]),
            lost,
            list,
            listed[0],
            listed[1],
            // Four clients, with the one before and the one after the others.
            Record { process: 4, ..seen },
        ];
        let told = |record: &Record| (record.process, record.function, record.task, record.ending);
        assert_eq!(
            records.iter().map(told).collect::<Vec<_>>(),
            whole.iter().map(told).collect::<Vec<_>>()
        );
    }
}
