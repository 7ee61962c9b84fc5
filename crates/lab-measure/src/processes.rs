//! Clients that are processes of their own: nothing is shared but the place of the tasks.
//!
//! Each is told over its standard input and answers over its standard output, a line at a time:
//! its order, then `go`, `progress`, `measure` and `stop`.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lab_scenario::Workload;
use lab_stats::Pass;
use lab_store::{Site, Store, StoreError};
use lab_task::TaskId;
use serde::{Deserialize, Serialize};

use crate::MeasureError;
use crate::client::Client;
use crate::crew::{Crew, Threads};
use crate::ground::Fresh;
use crate::once::Measurement;
use crate::worker::Told;

/// The program that is one client: it calls [`serve_client`].
#[derive(Clone, Debug)]
pub struct ClientProgram {
    /// Where it is.
    pub path: PathBuf,
    /// What makes it a client.
    pub arguments: Vec<String>,
}

/// What one client shall do.
#[derive(Serialize, Deserialize)]
struct Order {
    store: String,
    directory: PathBuf,
    url: Option<String>,
    namespace: String,
    workload: String,
    task_count: usize,
    tasks: Vec<TaskId>,
    pass: Pass,
    seed: u64,
    client: u64,
}

/// Is one client, as `input` tells it, until that ends. `open` opens a store by its name.
///
/// # Errors
/// The order cannot be read or followed.
pub fn serve_client(
    open: impl FnOnce(&str, &Site) -> Result<Box<dyn Store>, StoreError>,
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<(), MeasureError> {
    let failed = |why: &dyn ToString| MeasureError::Process(why.to_string());
    let mut line = String::new();
    input.read_line(&mut line).map_err(|error| failed(&error))?;
    let order: Order = serde_json::from_str(&line).map_err(|error| failed(&error))?;
    let mut workload: Workload = order.workload.parse().map_err(|error| failed(&error))?;
    workload.tasks = order.task_count;
    let Order { directory, url, namespace, .. } = order;
    let store = open(&order.store, &Site { directory, url, namespace });
    let store = store.map_err(|error| failed(&error))?;
    let session = store.session().map_err(|error| failed(&error))?;
    let steps = workload.plan().client(order.seed, order.client);
    let client = Client::new(session, &workload, steps, &order.tasks);
    let mut client = Some(client.map_err(|error| failed(&error))?);
    let mut crew: Option<Threads> = None;
    let mut say = |text: String| writeln!(output, "{text}").and_then(|()| output.flush());
    say("ready".to_owned()).map_err(|error| failed(&error))?;
    for line in input.lines() {
        let answer = match (line.map_err(|error| failed(&error))?.as_str(), &mut crew) {
            ("go", None) => {
                let clients = client.take().into_iter().collect();
                let seed = order.seed.wrapping_add(order.client);
                crew = Some(Threads::start(clients, order.pass, None, seed)?);
                "gone".to_owned()
            }
            ("progress", Some(crew)) => crew.progress()?.iter().sum::<u64>().to_string(),
            ("measure", Some(crew)) => {
                crew.measure()?;
                "measuring".to_owned()
            }
            ("stop", running) => {
                let told = running.take().map_or(Ok(Vec::new()), Crew::stop)?;
                serde_json::to_string(&told).map_err(|error| failed(&error))?
            }
            (other, _) => return Err(failed(&format!("{other:?} is not expected now"))),
        };
        say(answer).map_err(|error| failed(&error))?;
    }
    // Whoever told us what to do is gone: the client must not work on.
    crew.take().map_or(Ok(()), |crew| crew.stop().map(drop))
}

/// Clients that are processes.
pub(crate) struct Processes(Vec<Helper>);

impl Processes {
    /// Starts a process for each client; all begin when the last has opened its store.
    pub(crate) fn start(
        measurement: &Measurement<'_>,
        fresh: &Fresh,
    ) -> Result<Self, MeasureError> {
        let Some(program) = measurement.program else {
            return Err(MeasureError::Process("no program is given for it".to_owned()));
        };
        let mut crew = Self(Vec::new());
        for client in 0..measurement.setting.clients {
            let order = order(measurement, fresh, client);
            crew.0.push(Helper::start(program, &order)?);
        }
        crew.0.iter_mut().try_for_each(|helper| helper.answer().map(drop))?;
        crew.ask("go")?;
        Ok(crew)
    }

    /// Tells everybody before anybody has to answer.
    fn ask(&mut self, what: &str) -> Result<Vec<String>, MeasureError> {
        self.0.iter_mut().try_for_each(|helper| helper.tell(what))?;
        self.0.iter_mut().map(Helper::answer).collect()
    }
}

fn order(measurement: &Measurement<'_>, fresh: &Fresh, client: u32) -> Order {
    let Measurement { contender, workload, setting, seed, .. } = measurement;
    let Site { directory, url, namespace } = (*fresh.site).clone();
    let pass = match setting.pass {
        Pass::Open(per_s) => Pass::Open(per_s / f64::from(setting.clients)),
        pass => pass,
    };
    Order {
        store: contender.subject.name.clone(),
        directory,
        url,
        namespace,
        workload: workload.text.clone(),
        task_count: workload.tasks,
        tasks: fresh.tasks.iter().map(|task| task.id).collect(),
        pass,
        seed: *seed,
        client: u64::from(client),
    }
}

impl Crew for Processes {
    fn progress(&mut self) -> Result<Vec<u64>, MeasureError> {
        let answers = self.ask("progress")?;
        let count = |answer: String| {
            answer.parse().map_err(|_| MeasureError::Process(format!("it said {answer:?}")))
        };
        answers.into_iter().map(count).collect()
    }

    fn measure(&mut self) -> Result<(), MeasureError> {
        self.ask("measure").map(drop)
    }

    fn stop(mut self) -> Result<Vec<Told>, MeasureError> {
        let mut all = Vec::new();
        for answer in self.ask("stop")? {
            let told: Vec<Told> = serde_json::from_str(&answer)
                .map_err(|error| MeasureError::Process(error.to_string()))?;
            all.extend(told);
        }
        Ok(all)
    }
}

/// One process. It ends when its input does.
struct Helper {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    fn start(program: &ClientProgram, order: &Order) -> Result<Self, MeasureError> {
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(MeasureError::Thread)?;
        let no_pipe = || MeasureError::Process("it has no pipe".to_owned());
        let output = BufReader::new(process.stdout.take().ok_or_else(no_pipe)?);
        let mut helper = Self { input: process.stdin.take(), process, output };
        let order = serde_json::to_string(order);
        helper.tell(&order.map_err(|error| MeasureError::Process(error.to_string()))?)?;
        Ok(helper)
    }

    fn tell(&mut self, what: &str) -> Result<(), MeasureError> {
        let Some(input) = &mut self.input else { return Ok(()) };
        let told = writeln!(input, "{what}").and_then(|()| input.flush());
        told.map_err(|error| MeasureError::Process(error.to_string()))
    }

    fn answer(&mut self) -> Result<String, MeasureError> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err(MeasureError::Process("it ended before it had answered".to_owned())),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(MeasureError::Process(error.to_string())),
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.input = None;
        // Without the process there is nothing left to wait for.
        let _ = self.process.wait();
    }
}
